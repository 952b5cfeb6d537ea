import { EACH_WAY } from './placements.js';
import { runTable } from './run-table.js';
import { EXISTING_CACHE_MANAGER } from './stores.js';
import { ROWS } from './table/rows.js';

runTable(ROWS, EXISTING_CACHE_MANAGER, EACH_WAY);
