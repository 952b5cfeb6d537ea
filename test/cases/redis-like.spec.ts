import { EACH_WAY } from './placements.js';
import { runTable } from './run-table.js';
import { REDIS_LIKE } from './stores.js';
import { ROWS } from './table/rows.js';

runTable(ROWS, REDIS_LIKE, EACH_WAY);
