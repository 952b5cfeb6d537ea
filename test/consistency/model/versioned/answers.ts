import { at, change, put } from './store.js';
import { idleReader, type Reader, type State } from './state.js';
import type { VersionedSetup } from './setup.js';

export function changeReader(state: State, index: number, changes: Partial<Reader>): State {
  return change(state, { readers: put(state.readers, index, { ...at(state.readers, index), ...changes }) });
}

/** A read ends with a value, which is held against what the promise demanded of it when it began. */
export function answer(setup: VersionedSetup, state: State, index: number, value: number): State {
  const { left, mustSee, versions } = at(state.readers, index);
  // Inside its own transaction a caller sees what the transaction sees.
  const isJudged = setup.readers[index]?.inTransaction !== true;
  const next = change(state, { readers: put(state.readers, index, idleReader(versions.length, left - 1)) });

  return isJudged && value < mustSee
    ? change(next, { wrong: `reader ${index + 1} was given value ${value}, and had to see ${mustSee} or later` })
    : next;
}
