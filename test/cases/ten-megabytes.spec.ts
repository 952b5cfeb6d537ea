import { PLACEMENTS } from './placements.js';
import { runTable } from './run-table.js';
import { EXISTING_CACHE_MANAGER, IN_MEMORY, KEYV_JSON, REDIS_LIKE } from './stores.js';
import { TEN_MEGABYTES } from './table/values.cases.js';

for (const store of [IN_MEMORY, KEYV_JSON, EXISTING_CACHE_MANAGER, REDIS_LIKE]) {
  runTable(TEN_MEGABYTES, store, PLACEMENTS.slice(0, 1));
}
