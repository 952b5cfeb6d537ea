import { payments } from './debts.js';
import { faultSteps } from './faults.js';
import { keyOf } from './key.js';
import { readerSteps } from './reader.js';
import { initialState, type State } from './state.js';
import type { VersionedSetup } from './setup.js';
import { programOf } from './program.js';
import { writerSteps } from './writer.js';
import type { System } from '../explore.js';

/** Version-validated entries (DESIGN §4) and bump, commit, bump with a fill barrier (DESIGN §5). */
export function versionedSystem(setup: VersionedSetup): System<State> {
  const programs = setup.writers.map((writer) => programOf(writer, setup.guards));

  return {
    initial: initialState(setup),
    steps: (state) => {
      // Nobody reads any more, so nothing can go wrong any more.
      if (state.readers.every(({ left }) => left === 0)) return [];
      const steps = [...payments(setup, state), ...faultSteps(setup, programs, state)];
      for (const index of setup.writers.keys()) steps.push(...writerSteps(setup, programs, state, index));
      for (const index of setup.readers.keys()) steps.push(...readerSteps(setup, state, index));

      return steps;
    },
    keyOf: (state) => keyOf(setup, state),
    violation: ({ wrong }) => wrong,
  };
}
