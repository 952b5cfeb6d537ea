import { runTable } from './run-table.js';
import { IN_MEMORY } from './stores.js';
import { ROWS } from './table/rows.js';

runTable(ROWS, IN_MEMORY);
