import { runRowsOverRedis } from './redis-rows.js';

runRowsOverRedis({ copies: false });
