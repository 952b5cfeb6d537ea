import type { Entry, Kept, State } from './state.js';
import type { Fault, VersionedSetup } from './setup.js';

/*
 * What commands do to the store, and what it answers: `redis/tag-versions.ts`, `redis/redis-version.ts`,
 * `redis/redis-write-intents.ts`.
 */

const VERSIONS_OF_AN_EPOCH = 1000;

/** What is changed, beside the rest that stays. */
export function change(state: State, changes: Partial<State>): State {
  return { ...state, ...changes };
}

export function changeKept(state: State, changes: Partial<Kept>): State {
  return { ...state, kept: { ...state.kept, ...changes } };
}

/** The same list with another element at this place. */
export function put<T>(list: readonly T[], index: number, element: T): readonly T[] {
  const copy = list.slice();
  copy[index] = element;

  return copy;
}

/** The element that has to be there. */
export function at<T>(list: readonly T[], index: number): T {
  const element = list[index];
  if (element === undefined) throw new Error(`There is no element ${index} of ${list.length}`);

  return element;
}

export function nodeOf({ cluster }: VersionedSetup, tag: number): number {
  return cluster ? tag : 0;
}

export function epochAt(setup: VersionedSetup, state: State, tag: number): number {
  return at(state.nodes, nodeOf(setup, tag)).epoch;
}

export function epochOf(version: number): number {
  return Math.floor(version / VERSIONS_OF_AN_EPOCH);
}

/** `versionIn`: the version as it counts; 0 for none. */
export function versionAt(setup: VersionedSetup, state: State, tag: number): number {
  const version = at(state.kept.versions, tag);
  if (setup.guards.epoch && epochOf(version) !== epochAt(setup, state, tag)) return 0;

  return version;
}

/** `freshVersion`: one that was never used; without that guard, the number after the one that is there. */
export function nextVersion(setup: VersionedSetup, state: State, tag: number): number {
  const epoch = epochAt(setup, state, tag) * VERSIONS_OF_AN_EPOCH;
  if (setup.guards.uniqueVersions) return epoch + state.lastVersion + 1;

  return epoch + (at(state.kept.versions, tag) % VERSIONS_OF_AN_EPOCH) + 1;
}

export function drawn(state: State, version: number): State {
  return change(state, { lastVersion: Math.max(state.lastVersion, version % VERSIONS_OF_AN_EPOCH) });
}

export function setVersion(state: State, tag: number, version: number): State {
  return changeKept(state, { versions: put(state.kept.versions, tag, version) });
}

export function storeEntry(state: State, entry: Entry): State {
  return changeKept(state, { entry });
}

export function announce(state: State, tag: number, writer: number): State {
  return changeKept(state, { intents: put(state.kept.intents, tag, at(state.kept.intents, tag) | (1 << writer)) });
}

export function withdraw(state: State, tag: number, writer: number): State {
  return changeKept(state, { intents: put(state.kept.intents, tag, at(state.kept.intents, tag) & ~(1 << writer)) });
}

export function isAnnounced(state: State, tag: number, writer: number): boolean {
  return (at(state.kept.intents, tag) & (1 << writer)) !== 0;
}

export function has(state: State, fault: Fault): boolean {
  return (state.faults[fault] ?? 0) > 0;
}

/** The state after a fault that may happen once less from now on. */
export function spent(state: State, fault: Fault): State {
  return change(state, { faults: { ...state.faults, [fault]: (state.faults[fault] ?? 0) - 1 } });
}
