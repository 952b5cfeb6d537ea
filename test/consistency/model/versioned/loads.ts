import { changeProcess } from './debts.js';
import { answer, changeReader } from './answers.js';
import { at, change, has, spent, storeEntry, versionAt } from './store.js';
import type { Entry, State } from './state.js';
import type { VersionedSetup } from './setup.js';
import type { Step } from '../explore.js';

/*
 * Loads, and who shares them: `engine/shared-loads.ts`, `stampede/single-flight.ts`, `stampede/following-flight.ts`,
 * `engine/origin-loader.ts`.
 *
 *   about to load -> loading    `loadOrJoin`; a flight is its reader in the phase `loading`
 *   about to load -> joined     a flight of the same process, key and versions is running
 *   loading -> answered         `OriginLoader.keep`: the entry is stored, and all who joined are answered
 *   sharing, shared, waiting    `loadNext`: without versions, or while a write is announced, nothing is stored and only
 *                               the next load is shared
 *
 * Abstractions: the source is read at the very beginning of a load. Later would only be a newer value under the same
 * versions, for the same readers.
 */

/** What the source answers, or its replica. */
function readSource({ replicaLags }: VersionedSetup, state: State): number {
  return replicaLags ? state.replica : state.commits;
}

export function loadOrJoin(setup: VersionedSetup, state: State, index: number, who: string): Step<State> {
  const reader = at(state.readers, index);
  const { process, inTransaction } = at(setup.readers, index);
  const flight = state.readers.find(
    (other, place) =>
      other.phase === 'loading' &&
      at(setup.readers, place).process === process &&
      (!setup.guards.flightsByVersions || isSame(other.versions, reader.versions)),
  );
  if (flight !== undefined && inTransaction !== true) {
    const next = changeReader(state, index, { phase: 'joined', versions: flight.versions, isAnnounced: false });
    return { says: `${who} joins the load that is running`, next };
  }
  const value = inTransaction === true ? reader.value : readSource(setup, state);

  return { says: `${who} loads value ${value}`, next: changeReader(state, index, { phase: 'loading', value }) };
}

export function endLoad(setup: VersionedSetup, state: State, index: number, who: string): readonly Step<State>[] {
  const { value, versions } = at(state.readers, index);
  const { process, inTransaction } = at(setup.readers, index);
  const answered = answerFlight(setup, state, index);
  if (inTransaction === true && setup.guards.nothingStoredInTransaction) {
    return [{ says: `${who} stores nothing, because it is inside a transaction`, next: answered }];
  }
  // By the time of the bump: the lag has passed once the replica shows what was evicted. The load has read before that.
  if (setup.replicaLags && setup.guards.replicaLag && value < state.evicted) {
    return [{ says: `${who} stores nothing, within the lag of the replica after a bump`, next: answered }];
  }
  const entry: Entry = {
    value,
    versions: setup.guards.versionsBeforeLoad ? versions : versions.map((_, tag) => versionAt(setup, state, tag)),
  };
  const copied = setup.copies ? changeProcess(answered, process, { copy: entry }) : answered;
  const steps: Step<State>[] = [
    {
      says: `${who} stores value ${value} under versions ${entry.versions.join(', ')}`,
      next: storeEntry(copied, entry),
    },
  ];
  if (has(state, 'late-put')) {
    const late = [...copied.late, { puts: 'entry', entry } as const];
    steps.push({
      says: `${who} sends value ${value} under versions ${entry.versions.join(', ')} to the store and hears nothing`,
      next: change(spent(copied, 'late-put'), { late }),
    });
  }

  return steps;
}

/** All who are in this flight. */
function answerFlight(setup: VersionedSetup, state: State, index: number): State {
  const { value, versions } = at(state.readers, index);
  const { process } = at(setup.readers, index);
  let next = answer(setup, state, index, value);
  for (const [place, other] of state.readers.entries()) {
    if (other.phase !== 'joined' || at(setup.readers, place).process !== process) continue;
    if (isSame(other.versions, versions)) next = answer(setup, next, place, value);
  }

  return next;
}

/** `loadNext`: begins at once when none of these is running in the process. */
export function loadNext(setup: VersionedSetup, state: State, index: number): State {
  const { process } = at(setup.readers, index);
  const isRunning = state.readers.some(
    ({ phase }, place) => phase === 'sharing' && at(setup.readers, place).process === process,
  );
  // The load has versions no more: nothing of it is stored.
  const unversioned = changeReader(state, index, {
    versions: at(state.readers, index).versions.map(() => 0),
    found: undefined,
    tag: 0,
    mark: 0,
    isAnnounced: false,
  });
  if (!isRunning) return changeReader(unversioned, index, { phase: 'sharing', value: readSource(setup, state) });

  return changeReader(unversioned, index, { phase: setup.guards.nextLoad ? 'waiting' : 'shared', value: 0 });
}

/** The running load answers those who share it; the next one begins for those who came while it ran. */
export function endSharedLoad(setup: VersionedSetup, state: State, index: number, who: string): Step<State> {
  const { value } = at(state.readers, index);
  const { process } = at(setup.readers, index);
  const inProcess = state.readers
    .map((_, place) => place)
    .filter((place) => at(setup.readers, place).process === process);
  let next = answer(setup, state, index, value);
  for (const place of inProcess) {
    if (at(state.readers, place).phase === 'shared') next = answer(setup, next, place, value);
  }
  const [first, ...others] = inProcess.filter((place) => at(state.readers, place).phase === 'waiting');
  if (first !== undefined) next = changeReader(next, first, { phase: 'sharing', value: readSource(setup, state) });
  for (const place of others) next = changeReader(next, place, { phase: 'shared' });
  const began = first === undefined ? '' : '; the next load begins';

  return { says: `${who} is answered value ${value} by the source, and stores nothing${began}`, next };
}

function isSame(some: readonly number[], others: readonly number[]): boolean {
  return some.every((each, index) => each === others[index]);
}
