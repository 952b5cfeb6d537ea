/**
 * How long the copies of one instance outlive an eviction that another instance has acknowledged. Each instance has a thread
 * of its own; what they share is the origin, a version number for each key, and the moments of the acknowledgements.
 */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { instances } from '../contenders/instances.mjs';
import { report } from '../harness/child.mjs';
import { startCountingProxy } from '../harness/counting-proxy.mjs';
import { startRedis } from '../harness/redis-server.mjs';
import { millisecondsNow, SharedTruth } from '../harness/shared-truth.mjs';

const KEYS = 100;
const SETTLE_MS = 500;

/** @param options isCutOff: what Redis tells the reading instance of changes is lost on the way, from a quarter of the writes on */
export async function staleness({ name, writesPerSecond, forMs, isCutOff = false }) {
  const redis = await startRedis();
  try {
    const writes = Math.ceil((writesPerSecond * forMs) / 1000);
    const truth = SharedTruth.ofSize(KEYS, Math.ceil(writes / KEYS) + 1);
    const proxy = await startCountingProxy(redis.port);
    const { read } = await instances[name](proxy.url, truth);
    await sleep(SETTLE_MS);
    const observed = new Float64Array(truth.acknowledgedAt.length);
    const writer = new Worker(new URL('./staleness-writer.mjs', import.meta.url), {
      workerData: { name, url: redis.url, buffers: truth.buffers, writes, everyMs: 1000 / writesPerSecond },
    });
    if (isCutOff) writer.once('message', () => setTimeout(proxy.loseNews, forMs / 4));
    let running = true;
    writer.once('exit', () => {
      running = false;
    });
    let reads = 0;
    while (running) {
      for (let key = 0; key < KEYS; key++) {
        const askedAt = millisecondsNow();
        const { version } = await read(truth.skuOf(key));
        reads++;
        // Of all versions after the one that was served, the first to be acknowledged is the one that it missed.
        const missed = truth.acknowledgedAt[truth.placeOf(key, version + 1)];
        if (missed !== 0 && missed < askedAt) {
          const place = truth.placeOf(key, version + 1);
          observed[place] = Math.max(observed[place], askedAt - missed);
        }
      }
      await setImmediate();
    }
    proxy.breakLosers();
    const evictions = [...truth.acknowledgedAt.keys()].filter((place) => truth.acknowledgedAt[place] !== 0);

    return { name, reads, staleForMs: evictions.map((place) => observed[place]), ...(await settledOf(read, truth)) };
  } finally {
    await redis.stop();
  }
}

/** A second after the last write nothing may be old any more. */
async function settledOf(read, truth) {
  await sleep(1000);
  let old = 0;
  for (let key = 0; key < KEYS; key++) {
    if ((await read(truth.skuOf(key))).version !== truth.versionOf(truth.skuOf(key))) old++;
  }

  return { oldAtTheEnd: old };
}

await report(staleness);
