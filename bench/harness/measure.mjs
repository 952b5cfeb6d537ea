/**
 * Interleaved timing. On two noisy cores the machine changes more between two minutes than two libraries differ, so
 * every subject runs a short batch in every round, and ratios are taken within a round, never across rounds.
 */
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

const WARM_UP_MS = 250;

/**
 * @param {{ name: string, batch: (calls: number) => Promise<void>, step?: number }[]} subjects
 *   step: a batch has a multiple of so many calls
 * @param {{ rounds: number, batchMs: number, maxCalls?: number, breathe?: boolean }} plan
 *   breathe: let the event loop turn between batches, for subjects that have connections to keep
 * @returns one record a subject: its name, and nanoseconds a call for each round
 */
export async function measureInterleaved(subjects, { rounds, batchMs, maxCalls = 20_000, breathe = false }) {
  const entrants = [];
  for (const subject of subjects) {
    entrants.push({ ...subject, calls: await warmUp(subject, batchMs, maxCalls, breathe), nanoseconds: [] });
  }

  for (let round = 0; round < rounds; round++) {
    // Each round starts with another subject, so that nobody always runs behind the same neighbour.
    for (let i = 0; i < entrants.length; i++) {
      const entrant = entrants[(round + i) % entrants.length];
      collectYoungGarbage();
      if (breathe) await setImmediate();
      entrant.nanoseconds.push(await timeBatch(entrant, entrant.calls));
    }
  }

  return entrants.map(({ name, calls, nanoseconds }) => ({ name, calls, nanoseconds }));
}

/** Runs until the optimising compiler has settled, and finds how many calls fill a batch. */
async function warmUp(subject, batchMs, maxCalls, breathe) {
  const { step = 1 } = subject;
  const inSteps = (wanted) => Math.ceil(Math.min(maxCalls, Math.max(8, wanted)) / step) * step;
  const deadline = performance.now() + WARM_UP_MS;
  const fitting = [];
  let calls = inSteps(16);
  while (performance.now() < deadline) {
    if (breathe) await setImmediate();
    fitting.push(Math.round((batchMs * 1e6) / (await timeBatch(subject, calls))));
    calls = inSteps(fitting.at(-1));
  }
  // The median of the later half: one batch that met a collection must not set the length of all.
  const { median } = summarise(fitting.slice(fitting.length >> 1));

  return inSteps(median);
}

async function timeBatch(subject, calls) {
  const startedAt = process.hrtime.bigint();
  await subject.batch(calls);

  return Number(process.hrtime.bigint() - startedAt) / calls;
}

/** What one subject allocated is not charged to the next one's batch. */
function collectYoungGarbage() {
  globalThis.gc?.({ type: 'minor' });
}

/**
 * A loop of its own for each subject. Closures of one literal share their type feedback, so a common loop would call
 * through a site that has seen every library, which an application's call site never has. The name in the comment
 * keeps V8's compilation cache from handing out one function for all.
 *
 * Every call gets a string of its own, cut from a longer text, as arguments arrive with requests: V8 remembers the hash
 * of a string, so handing in the same string again would spare a cache the hashing that it has to do in a server.
 */
export function sequentialCalls(name, read, keys) {
  const { length } = keys[0];
  if (keys.some((key) => key.length !== length))
    throw new RangeError('Keys are cut from one text, so they need one length');
  const compile = new Function(
    'read',
    'text',
    `/* ${name.replaceAll('*/', '')} */ let next = 0;
     return async (calls) => {
       for (let i = 0; i < calls; i++) {
         await read(text.slice(next, next + ${length}));
         next = next + ${length} === text.length ? 0 : next + ${length};
       }
     };`,
  );

  return compile(read, keys.join(''));
}

/** The same with so many calls under way at once, each followed by the next as soon as it is answered. */
export function concurrentCalls(name, read, keys, inFlight) {
  const callInTurn = sequentialCalls(name, read, keys);
  if (inFlight === 1) return callInTurn;

  // Each line of calls walks through all keys, from a place of its own.
  const lines = Array.from({ length: inFlight }, (_, line) => {
    const start = Math.floor((line * keys.length) / inFlight);
    return sequentialCalls(`${name} ${line}`, read, [...keys.slice(start), ...keys.slice(0, start)]);
  });

  return (calls) => Promise.all(lines.map((callsOfLine) => callsOfLine(calls / inFlight)));
}

/** The same for what answers without a promise. Answers are counted, so that the compiler may not drop the calls. */
export function synchronousCalls(name, run, keys) {
  const { length } = keys[0];
  const compile = new Function(
    'run',
    'text',
    `/* ${name.replaceAll('*/', '')} */ let next = 0;
     return (calls) => {
       let answers = 0;
       for (let i = 0; i < calls; i++) {
         if (run(text.slice(next, next + ${length})) !== undefined) answers++;
         next = next + ${length} === text.length ? 0 : next + ${length};
       }
       return answers;
     };`,
  );

  return compile(run, keys.join(''));
}

export function summarise(values) {
  const sorted = [...values].sort((a, b) => a - b);

  return { median: sorted[sorted.length >> 1], min: sorted[0], max: sorted[sorted.length - 1] };
}

/** Round by round, then the median: what the machine did in one round, it did to both. */
export function ratioTo(baseline, subject) {
  return summarise(subject.map((value, round) => value / baseline[round]));
}

/** How many calls `subject` answers in the time in which `other` answers one. */
export function rateOf(subject, other) {
  return ratioTo(subject.nanoseconds, other.nanoseconds).median;
}

/** What `subject` takes beyond `baseline`: the median of the differences within each round. */
export function added(baseline, subject) {
  return summarise(subject.nanoseconds.map((value, round) => value - baseline.nanoseconds[round])).median;
}

/** @returns the share of rounds (0 to 1) in which `subject` was quicker than `other` */
export function shareAhead(subject, other) {
  return subject.filter((value, round) => value < other[round]).length / subject.length;
}
