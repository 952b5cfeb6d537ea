/**
 * Reads at a steady rate while the Redis does not answer: stopped in its tracks with its connections open, or ended and
 * started again empty. One contender in a process, because one that hangs or ends must not take others with it.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { bentocache, bentocacheTwoLayers, cacheManager, dedupe } from '../contenders/peers-over-redis.mjs';
import { report } from '../harness/child.mjs';
import { OpenLoop } from '../harness/open-loop.mjs';
import { startRedis } from '../harness/redis-server.mjs';
import { productOf } from '../harness/sample-products.mjs';
import { summaryOf } from '../harness/summary.mjs';

const KEYS = 200;
const BYTES = 1000;
const BEFORE_MS = 1000;
const AFTER_MS = 1000;
const PATIENCE_MS = 3000;

const contenders = [
  cacheManager,
  bentocache,
  bentocacheTwoLayers,
  dedupe,
  oursReading('ours, strong', 'oneTag'),
  oursReading('ours, bounded, with copies', 'bounded'),
];

/** @param {{ name: string, fault: 'paused' | 'down', faultMs: number, perSecond: number, originMs: number }} options */
export async function outage({ name, fault, faultMs, perSecond, originMs }) {
  const redis = await startRedis();
  try {
    const origin = new SlowOrigin(originMs);
    const { open } = contenders.find((candidate) => candidate.name === name);
    const { read } = await open(redis.url, (sku) => origin.load(sku));
    const skuOf = (index) => `sku-${10_000 + (index % KEYS)}`;
    for (let index = 0; index < 2 * KEYS; index++) await read(skuOf(index));

    const loop = new OpenLoop((index) => read(skuOf(index)), perSecond);
    loop.start();
    await sleep(BEFORE_MS);
    const from = performance.now();
    const loadsBefore = origin.loads;
    await (fault === 'paused' ? redis.pause() : redis.kill());
    await sleep(faultMs);
    const loads = origin.loads - loadsBefore;
    const until = performance.now();
    await (fault === 'paused' ? redis.resume() : redis.restart());
    await sleep(AFTER_MS);
    const restored = performance.now();
    await sleep(AFTER_MS);
    await loop.stop(PATIENCE_MS);

    return {
      ...summaryOf(loop.between(from, until)),
      loadsPerSecond: loads / ((until - from) / 1000),
      afterwards: summaryOf(loop.between(restored, Infinity)).inTime,
    };
  } finally {
    await redis.stop();
  }
}

class SlowOrigin {
  loads = 0;

  constructor(takesMs) {
    this.takesMs = takesMs;
  }

  async load(sku) {
    this.loads++;
    await sleep(this.takesMs);
    return productOf(sku, BYTES);
  }
}

function oursReading(name, method) {
  return {
    name,
    async open(url, origin) {
      const { openStock } = await import('../contenders/ours-over-redis.mjs');
      const { stock } = await openStock(url, { origin });
      return { read: (sku) => stock[method](sku) };
    },
  };
}

await report(outage);
