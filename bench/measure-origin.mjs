/** Runs what an origin is asked while its cache is expiring, cold or gone, and says what came out. Each run has a Redis of its own. */
import { runScenario } from './harness/child.mjs';
import { findRedis } from './harness/redis-server.mjs';
import { printOrigin } from './print-origin.mjs';
import { say } from './print.mjs';

const PEERS = [
  'cache-manager wrap (@keyv/redis)',
  'bentocache getOrSet (redis)',
  'bentocache getOrSet (L1 + redis + bus)',
  'async-cache-dedupe (redis)',
];
const OURS = ['ours', 'ours, early refresh and a limit of 5'];
/** A strong value may not be served without Redis, so there it is the origin that answers. */
const OURS_WITHOUT_REDIS = ['ours', 'ours, strong', 'ours, strong and a limit of 5'];
const READERS = { instances: 4, originMs: 50 };
const ONE_HOUR_MS = 3_600_000;

/** @returns what was measured, under the name by which aims-origin.mjs knows it */
export async function measureOrigin({ quick, withOurs }) {
  if (findRedis() === undefined) {
    say('\nLeft out, because Redis is missing (apt-get install -y redis-server): what an origin is asked.');
    return {};
  }
  const plans = [
    { situation: 'expiry', keys: 1, perSecond: 1000, ttlMs: 1000, forMs: quick ? 3000 : 10_000 },
    { situation: 'cold', keys: 200, perSecond: 800, ttlMs: ONE_HOUR_MS, forMs: quick ? 1500 : 3000 },
    { situation: 'lost', keys: 200, perSecond: 800, ttlMs: ONE_HOUR_MS, forMs: quick ? 3000 : 5000 },
  ];
  const origin = [];
  for (const plan of plans) {
    const measured = [];
    const ours = plan.situation === 'lost' ? OURS_WITHOUT_REDIS : OURS;
    for (const name of [...PEERS, ...(withOurs ? ours : [])]) {
      // A contender whose process ends has answered nobody since.
      const result = await runScenario('origin.mjs', { name, ...READERS, ...plan }).catch(() => undefined);
      measured.push({ name, result });
    }
    origin.push({ ...READERS, ...plan, measured });
    printOrigin(origin.at(-1));
  }

  return { origin };
}
