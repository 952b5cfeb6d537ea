import { at, change, nextVersion, drawn, put, setVersion } from './store.js';
import type { Process, State } from './state.js';
import type { VersionedSetup } from './setup.js';
import type { Step } from '../explore.js';

/* Evictions that a process could not confirm: `redis/owed-evictions.ts`. */

export function changeProcess(state: State, index: number, changes: Partial<Process>): State {
  return change(state, { processes: put(state.processes, index, { ...at(state.processes, index), ...changes }) });
}

/** `OwedEvictions.has` */
export function isOwed({ guards }: VersionedSetup, state: State, process: number, tag: number): boolean {
  return guards.owedEvictions && at(at(state.processes, process).owed, tag) !== 0;
}

/** `OwedEvictions.add` */
export function owe(state: State, process: number, tag: number): State {
  const { owed, lastDebt } = at(state.processes, process);

  return changeProcess(state, process, { owed: put(owed, tag, lastDebt + 1), lastDebt: lastDebt + 1 });
}

/** `OwedEvictions.settle`: what was sent after the mark was made pays the debts up to it. */
export function settle({ guards }: VersionedSetup, state: State, process: number, tag: number, mark: number): State {
  const { owed } = at(state.processes, process);
  const debt = at(owed, tag);
  if (debt === 0 || (guards.owedMark && debt > mark)) return state;

  return changeProcess(state, process, { owed: put(owed, tag, 0) });
}

/** `OwedEvictions.tryAll`, with its two commands as one step: what comes between them is the bump of a writer. */
export function payments(setup: VersionedSetup, state: State): readonly Step<State>[] {
  return state.processes.flatMap(({ isAlive, owed }, process) =>
    !isAlive
      ? []
      : owed.flatMap((debt, tag) => {
          if (debt === 0) return [];
          const version = nextVersion(setup, state, tag);
          const replaced = setVersion(drawn(state, version), tag, version);

          return [
            {
              says: `process ${process + 1} evicts tag ${tag + 1}, as it owed: version ${version}`,
              next: changeProcess(replaced, process, { owed: put(owed, tag, 0) }),
            },
          ];
        }),
  );
}
