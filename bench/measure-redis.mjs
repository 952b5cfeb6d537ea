/** Runs the scenarios over Redis, one after the other, and says what came out. Each has a Redis of its own. */
import { findRedis } from './harness/redis-server.mjs';
import { runScenario } from './harness/child.mjs';
import { say } from './print.mjs';
import { printCopies, printOutage, printRedisHits, printRoundTrips, printStaleness } from './print-redis.mjs';

const PEERS_IN_AN_OUTAGE = [
  'cache-manager wrap (@keyv/redis)',
  'bentocache getOrSet (redis)',
  'bentocache getOrSet (L1 + redis + bus)',
  'async-cache-dedupe (redis)',
];
const OURS_IN_AN_OUTAGE = ['ours, strong', 'ours, bounded, with copies'];
const OUTAGE = { perSecond: 200, originMs: 10, keys: 200 };

/** @returns what was measured, under the names by which aims-redis.mjs knows it */
export async function measureOverRedis({ wanted, quick, withOurs }) {
  if (![...wanted].some((scenario) => scenario in scenarios)) return {};
  if (findRedis() === undefined) {
    say('\nLeft out, because Redis is missing (apt-get install -y redis-server): everything over Redis.');
    return {};
  }
  const results = {};
  for (const [name, measure] of Object.entries(scenarios)) {
    if (wanted.has(name)) Object.assign(results, await measure({ quick, withOurs }));
  }

  return results;
}

const scenarios = {
  async 'redis-hit'({ quick, withOurs }) {
    const redisHits = [];
    for (const bytes of [1000, 20_000]) {
      for (const inFlight of [1, 64]) {
        const plan = { bytes, inFlight, rounds: quick ? 15 : 61, batchMs: 8, withOurs };
        redisHits.push({ bytes, inFlight, measured: await runScenario('redis-hit.mjs', plan) });
        printRedisHits(redisHits.at(-1));
      }
    }
    return { redisHits };
  },

  async copies({ quick, withOurs }) {
    const copies = [];
    for (const bytes of [1000, 20_000]) {
      const plan = { bytes, rounds: quick ? 15 : 101, batchMs: 2, withOurs };
      copies.push({ bytes, ...(await runScenario('copies.mjs', plan)) });
      printCopies(copies.at(-1));
    }
    return { copies };
  },

  async 'round-trips'({ quick, withOurs }) {
    const roundTrips = await runScenario('round-trips.mjs', { bytes: 1000, times: quick ? 3 : 5, withOurs });
    printRoundTrips(roundTrips);
    return { roundTrips };
  },

  async outage({ quick, withOurs }) {
    const outages = [];
    for (const [fault, faultMs] of [
      ['paused', quick ? 1500 : 3000],
      ['down', quick ? 1500 : 10_000],
    ]) {
      const plan = { fault, faultMs, ...OUTAGE };
      outages.push({ ...plan, measured: await outageOfEach(plan, withOurs) });
      printOutage(outages.at(-1));
    }
    return { outages };
  },

  async staleness({ quick, withOurs }) {
    const plan = { writesPerSecond: 200, forMs: quick ? 2000 : 10_000 };
    const measured = [];
    for (const name of ['bentocache getOrSet (L1 + redis + bus)', ...(withOurs ? ['ours, bounded'] : [])]) {
      for (const isCutOff of [false, true]) {
        const result = await runScenario('staleness.mjs', { name, isCutOff, ...plan });
        measured.push({ ours: name.startsWith('ours'), isCutOff, ...result });
      }
    }
    printStaleness({ ...plan, measured });
    return { staleness: { ...plan, measured } };
  },
};

export const REDIS_SCENARIOS = Object.keys(scenarios);

async function outageOfEach(plan, withOurs) {
  const measured = [];
  for (const name of [...PEERS_IN_AN_OUTAGE, ...(withOurs ? OURS_IN_AN_OUTAGE : [])]) {
    // A contender whose process ends in an outage has answered nobody since.
    const result = await runScenario('outage.mjs', { name, ...plan }).catch(() => undefined);
    measured.push({ name, ours: OURS_IN_AN_OUTAGE.includes(name), result });
  }

  return measured;
}
