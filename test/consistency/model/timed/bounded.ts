import { isFresh, keyOf, type BoundedSetup, type Dated, type Reader, type State } from './bounded-state.js';
import type { Step, System } from '../explore.js';

/*
 * Bounded and eventual (DESIGN §6): `consistency/bounded.rule.ts`, `consistency/versioned.rule.ts` (its ttl),
 * `consistency/entry-lifetime.ts`, `engine/shared-loads.ts` (earliestAsOf), `storage/tiered-entry-store.ts` (copies) and
 * `context/load-trace.ts` (absorb).
 *
 * Abstractions: time is counted in ticks, and everything within a tick happens in some order. Evictions are left out, because
 * the bound has to hold without them; an entry, a copy and a load of the whole world are enough, for one key. A clock that
 * is known within limits gives an instant that may be one tick early, or late.
 */

export function boundedSystem(setup: BoundedSetup): System<State> {
  const idle: Reader = { left: setup.reads, phase: 'idle', begunAt: 0, load: undefined };

  return {
    initial: {
      tick: 0,
      outdatedAt: [],
      entry: undefined,
      inner: undefined,
      copies: [undefined, undefined],
      readers: setup.readers.map(() => idle),
      wrong: undefined,
    },
    steps: (state) =>
      state.readers.every(({ left }) => left === 0)
        ? []
        : [
            ...(state.tick < setup.lastTick
              ? [{ says: `a tick passes: ${state.tick + 1}`, next: { ...state, tick: state.tick + 1 } }]
              : []),
            ...(state.outdatedAt.length < setup.commits
              ? [
                  {
                    says: `value ${state.outdatedAt.length + 1} is committed`,
                    next: { ...state, outdatedAt: [...state.outdatedAt, state.tick] },
                  },
                ]
              : []),
            ...belowSteps(setup, state),
            ...state.readers.flatMap((_, index) => readerSteps(setup, state, index)),
          ],
    keyOf: (state) => keyOf(setup, state),
    violation: ({ wrong }) => wrong,
  };
}

/** Somebody else reads the value that loads are made of. */
function belowSteps({ innerMax }: BoundedSetup, state: State): readonly Step<State>[] {
  const { inner, tick, outdatedAt } = state;
  if (innerMax === undefined || (inner !== undefined && tick - inner.asOf <= innerMax)) return [];
  const loaded = { value: outdatedAt.length, asOf: tick };

  return [{ says: `value ${loaded.value} is cached below, as of ${tick}`, next: { ...state, inner: loaded } }];
}

/** What a process may take for the present, when it stamps and when it judges. */
function instants(setup: BoundedSetup, { tick }: State, process: number, use: 'stamp' | 'judge'): readonly number[] {
  const { guards, uncertainty, skew } = setup;
  const now = guards.oneClock || process === 0 ? tick : tick - skew;
  const isEarly = use === 'stamp' ? guards.stampsEarliest : !guards.judgesLatest;

  return uncertainty === 0 ? [now] : [now, isEarly ? now - uncertainty : now + uncertainty];
}

function readerSteps(setup: BoundedSetup, state: State, index: number): readonly Step<State>[] {
  const reader = state.readers[index];
  const process = setup.readers[index] ?? 0;
  if (reader === undefined) return [];
  const who = `reader ${index + 1} of process ${process + 1}`;
  switch (reader.phase) {
    case 'idle':
      return reader.left === 0
        ? []
        : [{ says: `${who} begins to read`, next: changed(state, index, { phase: 'reading', begunAt: state.tick }) }];
    case 'reading':
      return instants(setup, state, process, 'judge').flatMap((now) => readingSteps(setup, state, index, who, now));
    case 'loading':
      return sourceSteps(setup, state, index, who, reader.load ?? { value: 0, asOf: 0 });
    case 'loaded':
      return endings(setup, state, index, who, reader.load ?? { value: 0, asOf: 0 });
    case 'joined':
      return [];
  }
}

function readingSteps(
  setup: BoundedSetup,
  state: State,
  index: number,
  who: string,
  now: number,
): readonly Step<State>[] {
  const process = setup.readers[index] ?? 0;
  const copy = state.copies[process];
  const { entry } = state;
  if (copy !== undefined && isFresh(setup, copy, now)) {
    return [
      {
        says: `${who} is served a copy as of ${copy.asOf}, at ${now}`,
        next: answered(setup, state, index, copy.value),
      },
    ];
  }
  if (entry !== undefined && isFresh(setup, entry, now)) {
    const kept = setup.guards.absoluteInstants ? entry : { ...entry, asOf: now };
    const copies = state.copies.map((each, place) => (place === process ? kept : each));
    return [
      {
        says: `${who} is served the entry as of ${entry.asOf}, at ${now}, and keeps a copy`,
        next: answered(setup, { ...state, copies }, index, entry.value),
      },
    ];
  }
  const flight = state.readers.find(({ phase }, place) => setup.readers[place] === process && isRunning(phase));
  if (flight?.load !== undefined && (!setup.guards.youngFlights || now - flight.load.asOf <= setup.max)) {
    return [
      {
        says: `${who} joins the load as of ${flight.load.asOf}, at ${now}`,
        next: changed(state, index, { phase: 'joined' }),
      },
    ];
  }
  if (flight !== undefined) return [];

  return instants(setup, state, process, 'stamp').map((asOf) => ({
    says: `${who} begins a load as of ${asOf}`,
    next: changed(state, index, { phase: 'loading', load: { value: 0, asOf } }),
  }));
}

function isRunning(phase: Reader['phase']): boolean {
  return phase === 'loading' || phase === 'loaded';
}

function sourceSteps(
  setup: BoundedSetup,
  state: State,
  index: number,
  who: string,
  { asOf }: Dated,
): readonly Step<State>[] {
  const value = state.outdatedAt.length;
  const { inner } = state;
  if (setup.innerMax === undefined) {
    return [
      {
        says: `${who} is answered value ${value} by the source`,
        next: changed(state, index, { phase: 'loaded', load: { value, asOf } }),
      },
    ];
  }
  if (inner !== undefined && state.tick - inner.asOf <= setup.innerMax) {
    const load = { value: inner.value, asOf: setup.guards.oldestPart ? Math.min(asOf, inner.asOf) : asOf };
    return [
      {
        says: `${who} builds on a cached value ${inner.value} as of ${inner.asOf}`,
        next: changed(state, index, { phase: 'loaded', load }),
      },
    ];
  }
  const next = changed(state, index, { phase: 'loaded', load: { value, asOf } });

  return [
    {
      says: `${who} builds on value ${value}, which is cached below`,
      next: { ...next, inner: { value, asOf: state.tick } },
    },
  ];
}

function endings(setup: BoundedSetup, state: State, index: number, who: string, load: Dated): readonly Step<State>[] {
  const process = setup.readers[index] ?? 0;
  const stamps = setup.guards.asOfStart ? [load.asOf] : instants(setup, state, process, 'stamp');

  return stamps.map((asOf) => {
    const entry = { value: load.value, asOf };
    const copies = state.copies.map((each, place) => (place === process ? entry : each));
    let next: State = answered(setup, { ...state, entry, copies }, index, load.value);
    for (const [place, { phase }] of state.readers.entries()) {
      if (phase === 'joined' && setup.readers[place] === process) next = answered(setup, next, place, load.value);
    }
    return { says: `${who} stores value ${load.value} as of ${asOf}`, next };
  });
}

function changed(state: State, index: number, changes: Partial<Reader>): State {
  return { ...state, readers: state.readers.map((each, place) => (place === index ? { ...each, ...changes } : each)) };
}

function answered(setup: BoundedSetup, state: State, index: number, value: number): State {
  const { begunAt = 0, left = 0 } = state.readers[index] ?? {};
  const next = changed(state, index, { left: left - 1, phase: 'idle', begunAt: 0, load: undefined });
  const outdatedAt = state.outdatedAt[value];
  if (outdatedAt === undefined) return next;
  const isTooOld = setup.level === 'bounded' ? outdatedAt < begunAt - setup.max : begunAt >= outdatedAt + setup.max;

  return isTooOld
    ? {
        ...next,
        wrong: `reader ${index + 1} began at ${begunAt} and was given value ${value}, which was outdated at ${outdatedAt}`,
      }
    : next;
}
