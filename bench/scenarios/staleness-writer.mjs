/** The other instance: writes one key after the other at a steady rate, and notes when each write was acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { instances } from '../contenders/instances.mjs';
import { millisecondsNow, SharedTruth } from '../harness/shared-truth.mjs';

const { name, url, buffers, writes, everyMs } = workerData;
const truth = new SharedTruth(buffers);
const { write } = await instances[name](url, truth);

parentPort.postMessage('begins to write');
const startedAt = millisecondsNow();
for (let index = 0; index < writes; index++) {
  const sku = truth.skuOf(index % truth.versions.length);
  await write(sku);
  truth.acknowledge(sku);
  const leftMs = startedAt + (index + 1) * everyMs - millisecondsNow();
  if (leftMs > 0) await sleep(leftMs);
}
// Connections are kept for ever, and nothing is left to do.
process.exit();
