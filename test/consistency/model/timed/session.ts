import type { SessionGuards } from './session-guards.js';
import { textOf } from './text.js';
import { accepts, begunTicket, folded, saw, wrote, type Loaded, type Ticket } from './ticket.js';
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

export interface SessionSetup {
  readonly lastTick: number;
  /** By how many ticks the shared clock may be misjudged. */
  readonly uncertainty: 0 | 1;
  readonly reads: number;
  readonly writes: number;
  readonly othersCommits: number;
  readonly othersLoads: number;
  /** How often the ticket gets lost, overflows, and the store restarts, with a clock that is ahead or behind. */
  readonly losses: number;
  readonly overflows: number;
  readonly restarts: number;
  readonly guards: SessionGuards;
}

interface Load {
  readonly asOf: number;
  readonly version: number;
  /** Undefined until the source has answered. */
  readonly value: number | undefined;
  readonly isJoined: boolean;
}

interface State {
  readonly tick: number;
  readonly clockAhead: number;
  readonly epoch: number;
  readonly commits: number;
  readonly version: number;
  readonly entries: readonly Loaded[];
  readonly others: Load | undefined;
  readonly own: Load | undefined;
  readonly phase: 'idle' | 'loading' | 'joined' | 'writing' | 'committed';
  readonly ticket: Ticket;
  readonly mustSee: number;
  readonly isBumpDue: boolean;
  readonly lastNonce: number;
  readonly left: {
    readonly reads: number;
    readonly writes: number;
    readonly commits: number;
    readonly loads: number;
    readonly losses: number;
    readonly overflows: number;
    readonly restarts: number;
  };
  readonly wrong: string | undefined;
}

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

function stamps({ uncertainty }: SessionSetup, { tick, clockAhead }: State, isEarliest: boolean): readonly number[] {
  const now = tick + clockAhead;

  return uncertainty === 0 ? [now] : [now, isEarliest ? now - uncertainty : now + uncertainty];
}

function less(state: State, what: keyof State['left']): State['left'] {
  return { ...state.left, [what]: state.left[what] - 1 };
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

function entryOf(
  { guards }: SessionSetup,
  { lastNonce }: State,
  { asOf, value = 0, version }: Load,
  loadEnd: number,
): Loaded {
  return { nonce: lastNonce + 1, asOf: guards.asOfStart ? asOf : loadEnd, loadStart: asOf, loadEnd, value, version };
}

function callerSteps(setup: SessionSetup, state: State): readonly Step<State>[] {
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

function answered({ guards }: SessionSetup, state: State, loaded: Loaded): State {
  const next: State = {
    ...state,
    phase: 'idle',
    ticket: saw(guards, state.ticket, loaded),
    mustSee: Math.max(state.mustSee, loaded.value),
    left: less(state, 'reads'),
  };

  return loaded.value < state.mustSee
    ? { ...next, wrong: `the caller was given value ${loaded.value}, and had seen or written ${state.mustSee}` }
    : next;
}

/**
 * Symmetry: an entry is known by what can be seen of it. While every guard is there a ticket only gets stricter, so what it
 * refuses it will refuse for ever, and that entry matters no more.
 */
function keyOf({ guards }: SessionSetup, state: State): string {
  const { ticket, others, own, left } = state;
  const isComplete = Object.values(guards).every(Boolean);
  const entries = state.entries
    .filter((entry) => !isComplete || accepts(guards, ticket, entry))
    .map(({ value, asOf, loadStart, loadEnd, version, nonce }) =>
      textOf([
        value,
        asOf,
        loadEnd,
        nonce === ticket.seenNonce ? 1 : 0,
        guards.seenLoadEnd ? 0 : loadStart,
        guards.loadInstants ? 0 : version,
      ]),
    );

  return (
    textOf([
      ...[state.tick, state.clockAhead, state.epoch, state.commits, PHASES.indexOf(state.phase), state.mustSee],
      ...[ticket.epoch, ticket.begun, ticket.folded, ticket.written, ticket.seenNotBefore],
      ...(guards.loadInstants ? [] : [state.version, ticket.highestVersion, state.isBumpDue ? 1 : 0]),
      ...loadNumbers(guards, others),
      ...loadNumbers(guards, own),
      ...[left.reads, left.writes, left.commits, left.loads, left.losses, left.overflows, left.restarts],
      state.wrong === undefined ? 0 : 1,
    ]) + [...new Set(entries)].sort().join('')
  );
}

function loadNumbers({ loadInstants }: SessionGuards, load: Load | undefined): readonly (number | undefined)[] {
  if (load === undefined) return [undefined, undefined, 0, 0];

  return [load.asOf, load.value, load.isJoined ? 1 : 0, loadInstants ? 0 : load.version];
}

const PHASES: readonly State['phase'][] = ['idle', 'loading', 'joined', 'writing', 'committed'];
