import { BOUNDED_GUARDS, type BoundedGuard, type BoundedSetup } from './bounded-state.js';
import { SESSION_GUARDS, type SessionGuard } from './session-guards.js';
import type { SessionSetup } from './session-state.js';
import type { Configuration, Level, Share } from '../configuration.js';

interface Described<Guard> {
  readonly name: string;
  readonly share?: Share;
  readonly without?: readonly Guard[];
  readonly expected?: 'holds' | 'fails';
}

/** A session of two reads and a write, while another caller loads twice and another writer commits once. */
export function session({
  name,
  share = 'ci',
  without = [],
  expected = without.length === 0 ? 'holds' : 'fails',
  ...given
}: Described<SessionGuard> & Partial<Omit<SessionSetup, 'guards'>>): Configuration {
  const setup: SessionSetup = {
    lastTick: 2,
    uncertainty: 0,
    reads: 2,
    writes: 1,
    othersCommits: 1,
    othersLoads: 2,
    losses: 0,
    overflows: 0,
    restarts: 0,
    ...given,
    guards: all(SESSION_GUARDS, without),
  };

  return { name, level: 'session', share, guardsRemoved: without, expected, world: { protocol: 'session', setup } };
}

/** Readers in two processes under a bound of one tick, while one value is committed. */
export function bounded({
  name,
  level = 'bounded',
  share = 'ci',
  without = [],
  expected = without.length === 0 ? 'holds' : 'fails',
  ...given
}: Described<BoundedGuard> & Partial<Omit<BoundedSetup, 'guards'>>): Configuration {
  const setup: BoundedSetup = {
    level,
    max: 1,
    lastTick: 4,
    uncertainty: 0,
    skew: 0,
    commits: 1,
    readers: [0, 1],
    reads: 2,
    innerMax: undefined,
    ...given,
    guards: all(BOUNDED_GUARDS, without),
  };
  const levelOf: Level = level;

  return { name, level: levelOf, share, guardsRemoved: without, expected, world: { protocol: 'bounded', setup } };
}

function all<Guard extends string>(
  guards: Readonly<Record<Guard, string>>,
  removed: readonly Guard[],
): Readonly<Record<Guard, boolean>> {
  const names = Object.keys(guards) as Guard[];

  return Object.fromEntries(names.map((guard) => [guard, !removed.includes(guard)])) as Record<Guard, boolean>;
}
