/** Where a process is ended: each is a moment of a transaction that writes one number. */
export const CRASH_POINTS = [
  'before-body',
  'in-body',
  'after-commit',
  'eviction-lost',
  'eviction-unconfirmed',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Where the transaction stops, and waits. */
export type GatePoint = 'before-body' | 'in-body' | 'after-commit';

export type Level = 'strong' | 'linearizable';

/** What a process is asked to do. */
export type CrashRequest =
  | { readonly call: number; readonly ask: 'read'; readonly level: Level; readonly id: string }
  /** Answered when it waits at the point. */
  | { readonly call: number; readonly ask: 'write'; readonly level: Level; readonly id: string; readonly at: GatePoint }
  /** Lets every write go on; answered when they have. */
  | { readonly call: number; readonly ask: 'release' };

export interface CrashAnswer {
  /** 0 when it is ready to be asked. */
  readonly call: number;
  readonly value?: number;
  /** Whether the value came from the cache. */
  readonly isHit?: boolean;
}

export interface CrashSettings {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly ttlMs: number;
}
