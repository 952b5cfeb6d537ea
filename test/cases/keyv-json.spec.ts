import { EACH_WAY } from './placements.js';
import { runTable } from './run-table.js';
import { KEYV_JSON } from './stores.js';
import { ROWS } from './table/rows.js';

runTable(ROWS, KEYV_JSON, EACH_WAY);
