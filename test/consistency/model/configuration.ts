import type { BoundedSetup } from './timed/bounded-state.js';
import type { SessionSetup } from './timed/session-state.js';
import type { VersionedSetup } from './versioned/setup.js';

export type Level = 'linearizable' | 'strong' | 'session' | 'bounded' | 'eventual';

/** Every change is checked by the first; the second takes minutes. */
export type Share = 'ci' | 'long';

/** A small world that is explored to its end, and what has to come of it. */
export interface Configuration {
  readonly name: string;
  readonly level: Level;
  readonly share: Share;
  /** What the protocol does for a reason and does not do here. */
  readonly guardsRemoved: readonly string[];
  readonly expected: 'holds' | 'fails';
  readonly world:
    | { readonly protocol: 'versioned'; readonly setup: VersionedSetup }
    | { readonly protocol: 'session'; readonly setup: SessionSetup }
    | { readonly protocol: 'bounded'; readonly setup: BoundedSetup };
}
