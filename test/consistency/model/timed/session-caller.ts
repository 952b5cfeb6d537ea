import { accepts, wrote } from './ticket.js';
import { answered, entryOf, less, stamps, type Load, type SessionSetup, type State } from './session-state.js';
import type { Step } from '../explore.js';

/* The caller whose session it is: `engine/read-through.ts`, `engine/shared-loads.ts`, `engine/eviction.ts`. */

export function callerSteps(setup: SessionSetup, state: State): readonly Step<State>[] {
  switch (state.phase) {
    case 'idle':
      return [...readingSteps(setup, state), ...writingSteps(setup, state)];
    case 'loading':
      return loadingSteps(setup, state);
    case 'writing': {
      const value = state.commits + 1;
      return [{ says: `the caller commits value ${value}`, next: { ...state, phase: 'committed', commits: value } }];
    }
    case 'committed':
      return notings(setup, state);
    case 'joined':
      return [];
  }
}

function readingSteps(setup: SessionSetup, state: State): readonly Step<State>[] {
  if (state.left.reads === 0) return [];
  const steps: Step<State>[] = [];
  for (const entry of state.entries) {
    // What is refused is loaded, which is the step below.
    if (!accepts(setup.guards, state.ticket, entry)) continue;
    const says = `the caller is served the entry with value ${entry.value} as of ${entry.asOf}`;
    steps.push({ says, next: answered(setup, state, entry) });
  }
  if (state.others !== undefined) {
    steps.push({
      says: 'the caller joins the load of another',
      next: { ...state, phase: 'joined', others: { ...state.others, isJoined: true } },
    });
  }
  for (const asOf of stamps(setup, state, setup.guards.stampsEarliest)) {
    const own: Load = { asOf, version: state.version, value: undefined, isJoined: false };
    steps.push({ says: `the caller begins a load as of ${asOf}`, next: { ...state, phase: 'loading', own } });
  }

  return steps;
}

function loadingSteps(setup: SessionSetup, state: State): readonly Step<State>[] {
  const { own } = state;
  if (own === undefined) return [];
  if (own.value === undefined) {
    return [
      {
        says: `the source answers the caller's load with value ${state.commits}`,
        next: { ...state, own: { ...own, value: state.commits } },
      },
    ];
  }

  return stamps(setup, state, !setup.guards.notesLatest).map((loadEnd) => {
    const loaded = entryOf(setup, state, own, loadEnd);
    const stored = { ...state, own: undefined, entries: [...state.entries, loaded], lastNonce: loaded.nonce };
    return {
      says: `the caller's load ends at ${loadEnd} with value ${loaded.value}`,
      next: answered(setup, stored, loaded),
    };
  });
}

function writingSteps(setup: SessionSetup, state: State): readonly Step<State>[] {
  if (state.left.writes === 0) return [];
  const begun: State = { ...state, phase: 'writing', left: less(state, 'writes') };
  if (setup.guards.notedAfterCommit) return [{ says: 'the caller begins to write', next: begun }];

  return stamps(setup, state, !setup.guards.notesLatest).map((now) => ({
    says: `the caller begins to write, and its ticket notes ${now}`,
    next: { ...begun, ticket: wrote(state.ticket, now, state.version + 1) },
  }));
}

function notings(setup: SessionSetup, state: State): readonly Step<State>[] {
  const bumped: State = { ...state, phase: 'idle', version: state.version + 1, mustSee: state.commits };
  if (!setup.guards.notedAfterCommit) return [{ says: "the caller's write ends", next: bumped }];

  return stamps(setup, state, !setup.guards.notesLatest).map((now) => ({
    says: `the caller's write ends, and its ticket notes ${now}`,
    next: { ...bumped, ticket: wrote(state.ticket, now, bumped.version) },
  }));
}
