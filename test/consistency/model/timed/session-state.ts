import { accepts, saw, type Loaded, type Ticket } from './ticket.js';
import { textOf } from './text.js';
import type { SessionGuards } from './session-guards.js';

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

export interface Load {
  readonly asOf: number;
  readonly version: number;
  /** Undefined until the source has answered. */
  readonly value: number | undefined;
  readonly isJoined: boolean;
}

export interface State {
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

export function stamps(
  { uncertainty }: SessionSetup,
  { tick, clockAhead }: State,
  isEarliest: boolean,
): readonly number[] {
  const now = tick + clockAhead;

  return uncertainty === 0 ? [now] : [now, isEarliest ? now - uncertainty : now + uncertainty];
}

export function less(state: State, what: keyof State['left']): State['left'] {
  return { ...state.left, [what]: state.left[what] - 1 };
}

export function entryOf(
  { guards }: SessionSetup,
  { lastNonce }: State,
  { asOf, value = 0, version }: Load,
  loadEnd: number,
): Loaded {
  return { nonce: lastNonce + 1, asOf: guards.asOfStart ? asOf : loadEnd, loadStart: asOf, loadEnd, value, version };
}

export function answered({ guards }: SessionSetup, state: State, loaded: Loaded): State {
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
export function keyOf({ guards }: SessionSetup, state: State): string {
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
