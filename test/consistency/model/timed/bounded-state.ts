import { textOf } from './text.js';

export const BOUNDED_GUARDS = {
  asOfStart: 'the as-of instant is the start of the load, not its end',
  absoluteInstants: 'a copy keeps the instants of the entry that it was made of',
  oneClock: 'no two clocks are compared',
  stampsEarliest: 'an as-of instant is stamped with the earliest that it can be',
  judgesLatest: 'an age is judged by the latest that it can be now',
  youngFlights: 'a load that began before the bound is not joined',
  oldestPart: 'what is made of a cached value is as old as that value',
} as const;

export type BoundedGuard = keyof typeof BOUNDED_GUARDS;

export interface BoundedSetup {
  /** `bounded`: at most `max` ticks behind. `eventual`: `max` ticks after the last write everybody sees it. */
  readonly level: 'bounded' | 'eventual';
  readonly max: number;
  readonly lastTick: number;
  /** By how many ticks the shared clock may be misjudged. */
  readonly uncertainty: 0 | 1;
  /** By how many ticks the own clock of the second process is behind; matters to nobody who does not look at it. */
  readonly skew: number;
  readonly commits: number;
  /** By reader, its process. */
  readonly readers: readonly number[];
  readonly reads: number;
  /** Whether loads read through a cache of their own, whose entries live so many ticks. */
  readonly innerMax: number | undefined;
  readonly guards: Readonly<Record<BoundedGuard, boolean>>;
}

export interface Dated {
  readonly value: number;
  readonly asOf: number;
}

export interface Reader {
  readonly left: number;
  readonly phase: 'idle' | 'reading' | 'loading' | 'loaded' | 'joined';
  readonly begunAt: number;
  readonly load: Dated | undefined;
}

export interface State {
  readonly tick: number;
  /** By value, when the next one was committed. */
  readonly outdatedAt: readonly number[];
  readonly entry: Dated | undefined;
  readonly inner: Dated | undefined;
  /** By process. */
  readonly copies: readonly (Dated | undefined)[];
  readonly readers: readonly Reader[];
  readonly wrong: string | undefined;
}

export function isFresh({ level, max }: BoundedSetup, { asOf }: Dated, now: number): boolean {
  return level === 'bounded' ? now - asOf <= max : now - asOf < max;
}

/** Symmetry: readers of one process may change places, and what is fresh by no clock any more is as good as gone. */
export function keyOf(setup: BoundedSetup, state: State): string {
  const { tick, outdatedAt, entry, inner, copies, readers, wrong } = state;
  const earliest = tick - setup.uncertainty - setup.skew;
  const dated = [entry, ...copies].flatMap((each) =>
    each === undefined || !isFresh(setup, each, earliest) ? [undefined, undefined] : [each.value, each.asOf],
  );
  const texts = readers.map(({ left, phase, begunAt, load }, index) =>
    textOf([setup.readers[index], left, PHASES.indexOf(phase), begunAt, load?.value, load?.asOf]),
  );
  const world = [tick, wrong === undefined ? 0 : 1, inner?.value, inner?.asOf, outdatedAt.length, ...outdatedAt];

  return textOf([...world, ...dated]) + texts.sort().join('');
}

const PHASES: readonly Reader['phase'][] = ['idle', 'reading', 'loading', 'loaded', 'joined'];
