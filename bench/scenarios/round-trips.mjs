/**
 * What one operation sends, and how often it waits for Redis. Commands are counted on the wire, those after the answer
 * included. Round trips are told by time: with every reply held back so long, an operation takes so many times as long as
 * it waits for replies, one after the other.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { bentocache, bentocacheTwoLayers, cacheManager } from '../contenders/peers-over-redis.mjs';
import { report } from '../harness/child.mjs';
import { startCountingProxy } from '../harness/counting-proxy.mjs';
import { summarise } from '../harness/measure.mjs';
import { startRedis } from '../harness/redis-server.mjs';
import { productOf } from '../harness/sample-products.mjs';

/** Five replies in a row fit into the deadline of a call. */
const HELD_MS = 25;
/** After it nothing of an operation is under way any more. */
const QUIET_MS = 120;
/** Sent by the clock whether or not anybody calls, so no operation's. */
const IN_THE_BACKGROUND = new Set(['TIME', 'ROLE', 'HELLO', 'INFO', 'PING', 'CLIENT']);

export async function roundTrips({ bytes, times, withOurs = true }) {
  const redis = await startRedis();
  try {
    const proxy = await startCountingProxy(redis.port);
    const load = async (sku) => productOf(sku, bytes);
    const counted = [];
    for (const { name, operations } of await entrants(proxy.url, load, withOurs)) {
      for (const [operation, run] of Object.entries(operations)) {
        counted.push({ name, operation, ...(await count(proxy, run, times)) });
      }
    }

    return counted;
  } finally {
    await redis.stop();
  }
}

async function entrants(url, load, withOurs) {
  const found = [];
  for (const { name, open } of [cacheManager, bentocache, bentocacheTwoLayers]) {
    const { read, evict } = await open(url, load);
    found.push({
      name,
      operations: { 'a hit': hitOf(read), 'a miss': missOf(read), 'an eviction': evictionOf(evict) },
    });
  }
  if (!withOurs) return found;
  const { openStock } = await import('../contenders/ours-over-redis.mjs');
  const { stock } = await openStock(url, { origin: load });
  await sleep(QUIET_MS);
  const ours = (level, operations) => found.push({ name: `ours, ${level}`, operations });
  ours(
    'strong',
    operationsOf(
      (sku) => stock.oneTag(sku),
      (sku) => stock.changeStrong(sku),
    ),
  );
  ours(
    'linearizable',
    operationsOf(
      (sku) => stock.linearizable(sku),
      (sku) => stock.changeLinearizable(sku),
    ),
  );
  ours(
    'bounded',
    operationsOf(
      (sku) => stock.bounded(sku),
      (sku) => stock.changeBounded(sku),
    ),
  );

  return found;
}

function operationsOf(read, write) {
  return { 'a hit': hitOf(read), 'a miss': missOf(read), 'a write with its eviction': evictionOf(write) };
}

/** Read beforehand, and again: the first read after a load may still be on its way to a copy. */
function hitOf(read) {
  const sku = freshSku();
  return {
    async prepare() {
      await read(sku);
      await sleep(QUIET_MS);
      await read(sku);
    },
    run: () => read(sku),
  };
}

function missOf(read) {
  return { prepare: async () => undefined, run: () => read(freshSku()) };
}

function evictionOf(evict) {
  return { prepare: async () => undefined, run: () => evict(freshSku()) };
}

let skus = 0;

/** Some contenders keep their entries under the same keys. */
function freshSku() {
  return `sku-${10_000 + skus++}`;
}

async function count(proxy, { prepare, run }, times) {
  await run();
  const commands = [];
  const waits = [];
  for (let time = 0; time < times; time++) {
    await prepare();
    await sleep(QUIET_MS);
    proxy.takeCommands();
    proxy.holdReplies(HELD_MS);
    const startedAt = performance.now();
    await run();
    waits.push((performance.now() - startedAt) / HELD_MS);
    proxy.holdReplies(0);
    await sleep(QUIET_MS);
    commands.push(proxy.takeCommands().filter(({ name }) => !IN_THE_BACKGROUND.has(name)));
  }
  // Of several runs the one with the fewest: the others met something that the clock had sent.
  const sent = commands.reduce((a, b) => (b.length < a.length ? b : a));

  return {
    roundTrips: Math.floor(summarise(waits).median + 0.2),
    sent: sent.map(({ name, keys }) => ({ name, keys })),
  };
}

await report(roundTrips);
