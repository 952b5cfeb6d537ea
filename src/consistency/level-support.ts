import type { Capability, StoreCapabilities, Topology } from '../coordination/capabilities.js';
import { LEVELS } from '../policy/consistency-level.js';
import type { ConsistencyLevel } from '../policy/consistency-level.js';

/** Whether a level can be kept here, and if not, what is missing and what would work instead. */
export type LevelSupport =
  { readonly supported: true } | { readonly supported: false; readonly missing: string; readonly fix: string };

/** What each level needs of the store. */
const NEEDS: Readonly<Record<ConsistencyLevel, readonly Capability[]>> = {
  linearizable: ['sharedVersions', 'knownEpoch', 'intents'],
  strong: ['sharedVersions', 'knownEpoch'],
  session: ['sharedVersions', 'knownEpoch', 'tickets'],
  bounded: [],
  eventual: [],
  immutable: [],
};

/** How messages call what is missing. */
const WORDS: Readonly<Record<Capability, string>> = {
  sharedVersions: 'versions that every process sees',
  knownEpoch: 'a store whose restarts and failovers show',
  intents: 'announced writes that the store keeps',
  tickets: 'a clock and versions that every process shares',
};

/** A promise that the store cannot keep is refused at start-up, never weakened. */
export function supportOf(level: ConsistencyLevel, capabilities: StoreCapabilities, topology: Topology): LevelSupport {
  const missing = NEEDS[level].filter((capability) => !isThere(capability, capabilities, topology));
  if (missing.length === 0) return { supported: true };

  return {
    supported: false,
    missing: `${level} needs ${missing.map((each) => reasonOf(each, capabilities)).join(' and ')}, and the versions are kept in ${capabilities.describedAs}`,
    fix: fixOf(level, missing, capabilities, topology),
  };
}

function isThere(capability: Capability, { has }: StoreCapabilities, topology: Topology): boolean {
  // Where one process is the only writer, its own memory is all that has to be shared.
  return has.has(capability) || (capability === 'sharedVersions' && topology === 'single-process');
}

function reasonOf(capability: Capability, { missingBecause }: StoreCapabilities): string {
  const because = missingBecause[capability];

  return because === undefined ? WORDS[capability] : `${WORDS[capability]} (${because})`;
}

function fixOf(
  level: ConsistencyLevel,
  missing: readonly Capability[],
  capabilities: StoreCapabilities,
  topology: Topology,
): string {
  const nearest = nearestSupported(level, capabilities, topology);
  const lower = `declare consistency: '${nearest}', the nearest level that this store can keep`;

  return missing.every((capability) => capability === 'sharedVersions')
    ? `Give the module a sharedStore, declare topology: 'single-process' if only one process ever writes this data, or ${lower}`
    : `Mend the store, or ${lower}`;
}

function nearestSupported(
  level: ConsistencyLevel,
  capabilities: StoreCapabilities,
  topology: Topology,
): ConsistencyLevel {
  let nearest = LEVELS[level].nearest ?? 'bounded';
  while (NEEDS[nearest].some((capability) => !isThere(capability, capabilities, topology)))
    nearest = LEVELS[nearest].nearest ?? 'bounded';

  return nearest;
}
