import { callerSteps } from './session-caller.js';
import { answered, entryOf, keyOf, less, stamps, type Load, type SessionSetup, type State } from './session-state.js';
import { accepts, begunTicket, folded, type Loaded } from './ticket.js';
import type { Step, System } from '../explore.js';

/*
 * A session (DESIGN §7): one caller that reads and writes, one call after the other and at any process, while others load and
 * write. `consistency/session.rule.ts`, `context/session-ticket.ts` (in `ticket.ts`), `engine/eviction.ts` (noteWritten),
 * `engine/shared-loads.ts` (sessionAccepts), `context/caller-session.ts` (a ticket that is lost, or of another epoch).
 *
 * Abstractions: time is counted in ticks, and several things may happen within one. One key under one tag. The bound is left
 * out, and so are evictions, which a process may notice at any time or never: any entry that was ever loaded may be what a
 * process finds, as a copy. Entries of another epoch are not found: their versions are missing.
 */

const CLOCK_STEP = 2;

export function sessionSystem(setup: SessionSetup): System<State> {
  return {
    initial: {
      tick: 0,
      clockAhead: 0,
      epoch: 0,
      commits: 0,
      version: 0,
      entries: [],
      others: undefined,
      own: undefined,
      phase: 'idle',
      ticket: begunTicket(0, 0),
      mustSee: 0,
      isBumpDue: false,
      lastNonce: 0,
      left: {
        reads: setup.reads,
        writes: setup.writes,
        commits: setup.othersCommits,
        loads: setup.othersLoads,
        losses: setup.losses,
        overflows: setup.overflows,
        restarts: setup.restarts,
      },
      wrong: undefined,
    },
    steps: (state) =>
      state.left.reads === 0 && state.phase === 'idle'
        ? []
        : [...worldSteps(setup, state), ...othersSteps(setup, state), ...callerSteps(setup, state)],
    keyOf: (state) => keyOf(setup, state),
    violation: ({ wrong }) => wrong,
  };
}

function worldSteps(setup: SessionSetup, state: State): readonly Step<State>[] {
  const { guards, lastTick } = setup;
  const { left, ticket, tick } = state;
  const steps: Step<State>[] = [];
  if (tick < lastTick) steps.push({ says: `a tick passes: ${tick + 1}`, next: { ...state, tick: tick + 1 } });
  if (left.losses > 0 && state.phase === 'idle') {
    for (const now of stamps(setup, state, false)) {
      const begun = begunTicket(state.epoch, guards.beginsNow ? now : -Infinity);
      steps.push({
        says: `the ticket is lost; a session begins at ${now}`,
        next: { ...state, ticket: begun, left: less(state, 'losses') },
      });
    }
  }
  if (left.overflows > 0) {
    const next = { ...state, ticket: folded(ticket, guards.folds), left: less(state, 'overflows') };
    steps.push({ says: 'the ticket overflows, and what it held is folded', next });
  }
  if (left.restarts > 0 && state.phase === 'idle') {
    for (const clockAhead of [CLOCK_STEP, -CLOCK_STEP]) {
      const restarted: State = {
        ...state,
        clockAhead,
        epoch: state.epoch + 1,
        entries: [],
        others: undefined,
        left: less(state, 'restarts'),
      };
      for (const now of stamps(setup, restarted, false)) {
        const known = guards.otherEpochIsLost ? begunTicket(restarted.epoch, now) : ticket;
        steps.push({
          says: `the store restarts; its clock says ${tick + clockAhead}`,
          next: { ...restarted, ticket: known },
        });
      }
    }
  }

  return steps;
}

/** Others load and write. */
function othersSteps(setup: SessionSetup, state: State): readonly Step<State>[] {
  const { left, others } = state;
  const steps: Step<State>[] = [];
  if (left.commits > 0 && !state.isBumpDue) {
    // Versions are of interest only to a ticket that remembers them.
    const isBumpDue = !setup.guards.loadInstants;
    const next = { ...state, commits: state.commits + 1, isBumpDue, left: less(state, 'commits') };
    steps.push({ says: `another writer commits value ${state.commits + 1}`, next });
  }
  if (state.isBumpDue) {
    steps.push({ says: 'the other writer bumps', next: { ...state, isBumpDue: false, version: state.version + 1 } });
  }
  if (others === undefined) {
    if (left.loads === 0) return steps;
    for (const asOf of stamps(setup, state, setup.guards.stampsEarliest)) {
      const load: Load = { asOf, version: state.version, value: undefined, isJoined: false };
      steps.push({
        says: `another caller begins a load as of ${asOf}`,
        next: { ...state, others: load, left: less(state, 'loads') },
      });
    }
  } else if (others.value === undefined) {
    const next = { ...state, others: { ...others, value: state.commits } };
    steps.push({ says: `the source answers the other load with value ${state.commits}`, next });
  } else {
    for (const loadEnd of stamps(setup, state, !setup.guards.notesLatest)) {
      const loaded = entryOf(setup, state, others, loadEnd);
      const stored: State = {
        ...state,
        others: undefined,
        entries: [...state.entries, loaded],
        lastNonce: loaded.nonce,
      };
      const says = `the other load ends at ${loadEnd} with value ${loaded.value}`;
      steps.push({ says, next: others.isJoined ? joinedEnd(setup, stored, loaded) : stored });
    }
  }

  return steps;
}

function joinedEnd(setup: SessionSetup, state: State, loaded: Loaded): State {
  if (!setup.guards.joinsChecked || accepts(setup.guards, state.ticket, loaded)) return answered(setup, state, loaded);

  return { ...state, phase: 'idle' };
}
