import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BoundsWorld, isOpen, someDraws, somePolicy, someSteps, timesOf } from './bounds-world.js';
import type { Reading, SomePolicy, Version } from './bounds-world.js';

/*
 * No level is ever served past its bound, by any combination of what loads entries anew, answers while they are loaded, and
 * answers when they cannot be: random policies and histories, on a clock that moves only when told.
 */

/** Everything that was wrong with one answer. */
function wrongWith(reading: Reading, world: BoundsWorld, policy: SomePolicy): readonly string[] {
  const { version, demandMs = Infinity } = reading;
  const answer = answerOf(reading, world);
  if (answer === undefined) return [];
  const { boundMs, onErrorMs, negativeMs } = timesOf(policy);
  // That there was nothing is kept for so long; who has joined the load that said so may hear of it within the bound.
  const saysNothing = answer.gone === 'as-value' && negativeMs !== Infinity;
  const keptMs = saysNothing && reading.loadedOrder < reading.beginOrder ? negativeMs : Infinity;
  const wrong: string[] = [];

  if (policy.level === 'linearizable' && !overlaps(answer, reading)) wrong.push('was not current while it was read');
  if (seesAcknowledged(policy) && missesWrite(reading, world)) wrong.push('misses a write that was acknowledged');
  if (!isWithin(Math.min(boundMs, keptMs, demandMs), answer, reading)) {
    const isForError = !reading.isError && !saysNothing && hasFailed(reading, world);
    const isTolerated = isForError && isWithin(Math.min(onErrorMs, demandMs), answer, reading);
    if (!isTolerated || demandMs === 0) wrong.push('is past its bound');
    else if (missesWrite(reading, world)) wrong.push('was evicted, and answers for a failed origin');
  }

  return wrong.map((what) => `version ${version} ${what}: ${JSON.stringify({ ...reading, answer, policy })}`);
}

function answerOf({ key, version }: Reading, world: BoundsWorld): Version | undefined {
  return version === undefined ? undefined : world.history[key]?.[version];
}

/** It was current at some instant in [begin − max, end]. */
function isWithin(maxMs: number, { fromMs, untilMs }: Version, { beginMs, endMs }: Reading): boolean {
  return fromMs <= endMs && untilMs >= beginMs - maxMs;
}

function overlaps({ fromOrder, untilOrder }: Version, { beginOrder, endOrder }: Reading): boolean {
  return fromOrder < endOrder && untilOrder > beginOrder;
}

/** A later version had been acknowledged before the read began. */
function missesWrite({ key, version = 0, beginOrder }: Reading, world: BoundsWorld): boolean {
  return (world.history[key] ?? []).slice(version + 1).some((later) => later.acknowledgedOrder < beginOrder);
}

/** To the session, all writes are its own. */
function seesAcknowledged({ level }: SomePolicy): boolean {
  return level === 'strong' || level === 'linearizable' || level === 'session';
}

function hasFailed({ beginOrder, endOrder }: Reading, world: BoundsWorld): boolean {
  return world.failures.some((order) => order > beginOrder && order < endOrder);
}

const RUNS = Number(process.env.BOUNDS_RUNS ?? 600);

it('no value is served past its bound, whatever is declared and whatever happens', async () => {
  const seen = { outdated: 0, forFailedOrigin: 0 };
  await fc.assert(
    fc.asyncProperty(somePolicy, someDraws, someSteps, async (policy, draws, steps) => {
      const world = new BoundsWorld(policy, draws);
      await world.play(steps);

      expect(world.readings.filter(isOpen)).toEqual([]);
      expect(world.readings.flatMap((reading) => wrongWith(reading, world, policy))).toEqual([]);
      for (const reading of world.readings) {
        const answer = answerOf(reading, world);
        if (answer !== undefined && !isWithin(0, answer, reading)) seen.outdated += 1;
        if (answer !== undefined && !isWithin(timesOf(policy).boundMs, answer, reading)) seen.forFailedOrigin += 1;
      }
    }),
    { numRuns: RUNS },
  );

  // Or nothing was tried.
  expect(seen.outdated).toBeGreaterThan(RUNS / 4);
  expect(seen.forFailedOrigin).toBeGreaterThan(RUNS / 20);
}, 30_000);
