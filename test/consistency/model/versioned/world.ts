import { guardsWithout, type Guard } from './guards.js';
import type { Configuration, Level, Share } from '../configuration.js';
import type { VersionedSetup } from './setup.js';

export interface VersionedConfiguration extends Partial<Omit<VersionedSetup, 'guards'>> {
  readonly name: string;
  readonly level: Extract<Level, 'strong' | 'linearizable'>;
  readonly share?: Share;
  readonly without?: readonly Guard[];
  readonly expected?: 'holds' | 'fails';
}

/**
 * A configuration of the versioned protocols. Without more: two processes over one node, one tag, a writer in the first, and
 * a reader of two reads in each, no copies and no faults. What lacks a guard is expected to fail.
 */
export function versioned({
  name,
  level,
  share = 'ci',
  without = [],
  expected = without.length === 0 ? 'holds' : 'fails',
  ...given
}: VersionedConfiguration): Configuration {
  const setup: VersionedSetup = {
    promised: level,
    tags: 1,
    cluster: false,
    lookup: 'at once',
    copies: false,
    processes: 2,
    readers: [
      { process: 0, level, reads: 2 },
      { process: 1, level, reads: 2 },
    ],
    writers: [{ process: 0, level, tags: [0] }],
    faults: {},
    replicaLags: false,
    ...given,
    guards: guardsWithout(without),
  };

  return { name, level, share, guardsRemoved: without, expected, world: { protocol: 'versioned', setup } };
}
