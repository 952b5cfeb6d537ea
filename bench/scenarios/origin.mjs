/**
 * What an origin sees of a steady crowd of readers in four instances over one Redis: while a hot key expires, from a cold
 * start, and while Redis is gone. One contender in a process, because one that hangs or ends must not take others with it.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { bentocache, bentocacheTwoLayers, cacheManager, dedupe } from '../contenders/peers-over-redis.mjs';
import { report } from '../harness/child.mjs';
import { CountingOrigin } from '../harness/counting-origin.mjs';
import { OpenLoop } from '../harness/open-loop.mjs';
import { startRedis } from '../harness/redis-server.mjs';
import { summaryOf } from '../harness/summary.mjs';

const BYTES = 1000;
const PATIENCE_MS = 3000;

const peers = [cacheManager, bentocache, bentocacheTwoLayers, dedupe];

/**
 * @param {{
 *   name: string, situation: 'expiry' | 'cold' | 'lost', instances: number, keys: number, perSecond: number,
 *   originMs: number, ttlMs: number, forMs: number,
 * }} options `perSecond` is of all instances together
 */
export async function origin({ name, situation, instances, keys, perSecond, originMs, ttlMs, forMs }) {
  const redis = await startRedis();
  try {
    const source = new CountingOrigin(originMs, BYTES);
    const open = await openerOf(name);
    const opened = [];
    for (let i = 0; i < instances; i++) opened.push(await open(redis.url, (sku) => source.load(sku), { ttlMs }));
    const readsOf = (index) => opened[index % instances].read(`sku-${10_000 + (Math.floor(index / instances) % keys)}`);
    // Twice, so that each instance with copies has them.
    if (situation !== 'cold') for (let index = 0; index < 2 * instances * keys; index++) await readsOf(index);

    const loop = new OpenLoop(readsOf, perSecond);
    if (situation === 'lost') await redis.kill();
    const from = performance.now();
    loop.start();
    await sleep(forMs);
    const until = performance.now();
    await loop.stop(PATIENCE_MS);

    return { ...summaryOf(loop.between(from, until)), ...source.between(from, until) };
  } finally {
    await redis.stop();
  }
}

/** Ours is loaded only where it runs, so that the peers need no build. */
async function openerOf(name) {
  const peer = peers.find((candidate) => candidate.name === name);
  if (peer !== undefined) return peer.open;
  const { openOurs } = await import('../contenders/ours-before-an-origin.mjs');

  return (...options) => openOurs(name, ...options);
}

await report(origin);
