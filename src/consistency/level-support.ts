import type { StoreCapabilities, Topology } from '../coordination/capabilities.js';
import { LEVELS } from '../policy/consistency-level.js';
import type { ConsistencyLevel } from '../policy/consistency-level.js';
import { SERVABLE_LEVELS } from './decide-read.js';

/** Whether a level can be kept here, and if not, what is missing and what would work instead. */
export type LevelSupport =
  { readonly supported: true } | { readonly supported: false; readonly missing: string; readonly fix: string };

/** What each level needs of the store, as a question to its capabilities. */
const MISSING: Readonly<
  Record<ConsistencyLevel, (capabilities: StoreCapabilities, topology: Topology) => readonly string[]>
> = {
  linearizable: ({ intents }) => (intents ? [] : ['announced writes (intents)']),
  session: ({ tickets }) => (tickets ? [] : ['session tickets']),
  strong: ({ sharedVersions }, topology) =>
    sharedVersions || topology === 'single-process' ? [] : ['versions that every process sees'],
  bounded: () => [],
  eventual: () => [],
  immutable: () => [],
};

/** A promise that the store cannot keep is refused at start-up, never weakened. */
export function supportOf(level: ConsistencyLevel, capabilities: StoreCapabilities, topology: Topology): LevelSupport {
  const missing = MISSING[level](capabilities, topology);
  if (missing.length === 0 && SERVABLE_LEVELS.includes(level)) return { supported: true };

  if (level === 'strong') {
    return {
      supported: false,
      missing: `strong needs ${missing.join(' and ')}, and the versions are kept in ${capabilities.describedAs}`,
      fix: "Declare topology: 'single-process' in the module's options if only one process ever writes this data, or declare consistency: 'bounded'",
    };
  }

  return {
    supported: false,
    missing: `${level} is not available yet on this store: it needs ${missing.join(' and ')}, and the versions are kept in ${capabilities.describedAs}`,
    fix: `Declare consistency: '${LEVELS[level].nearest ?? 'bounded'}', the nearest level${level === 'linearizable' ? " that this store can keep in topology 'single-process'" : ''}`,
  };
}
