import type { Scenario, Begin } from './exploration.js';
import type { Adapters } from './world/instance.js';
import type { Rows } from './world/history.js';
import { PROOF_MS } from './world/redis/scheduled-feed.js';
import { ScheduledWorld } from './world/scheduled-world.js';
import type { CachedRows, WorldOptions } from './world/scheduled-world.js';

export const MAX_MS = 2_000;
const BOUND = { max: '2s' } as const;
/** How each level is declared in a play. */
export const DECLARED = {
  linearizable: { consistency: 'linearizable' },
  strong: { consistency: 'strong' },
  session: { consistency: 'session', tolerance: BOUND },
  bounded: { consistency: 'bounded', tolerance: BOUND },
  eventual: { consistency: 'eventual', ttl: '2s' },
  immutable: { consistency: 'immutable' },
} as const;
export type Level = keyof typeof DECLARED;

/** What a row is evicted by. */
export const ROW = { row: (row: string) => row };

/** Everything that the operations of a play need. */
export interface Stage {
  readonly world: ScheduledWorld;
  readonly level: Level;
  readonly adapters: Adapters;
  /** The play's rows, under its level. */
  readonly rows: CachedRows;
}

/** A few operations whose steps can fall in any order, and what each order must keep. As data, so that others can run them. */
export interface Play {
  readonly name: string;
  /** What is there to be seen, in one sentence. */
  readonly about: string;
  readonly levels: readonly Level[];
  readonly over: readonly Adapters[];
  readonly options?: WorldOptions;
  /** Whose promise is judged: that of the level, or what the play itself says is kept. @default 'level' */
  readonly promise?: 'level' | 'play';
  readonly begin: (stage: Stage) => Performance;
}

interface Performance {
  /** What is there already when the others begin: in the order in which it is written, and not judged. */
  readonly before?: () => Promise<void>;
  readonly operations: () => readonly Promise<unknown>[];
  /** Happens when all others have ended, and before the history is judged. */
  readonly afterwards?: () => Promise<void>;
  /** What is to be kept beyond the promise of the level. */
  readonly alsoKept?: () => readonly string[];
}

/** A play at one level over one kind of adapters. */
export interface Case {
  readonly id: string;
  readonly play: Play;
  readonly level: Level;
  readonly adapters: Adapters;
  readonly begin: Begin;
}

export function casesOf(play: Play): readonly Case[] {
  return play.levels.flatMap((level) => play.over.map((adapters) => caseOf(play, level, adapters)));
}

function caseOf(play: Play, level: Level, adapters: Adapters): Case {
  return {
    id: `${play.name}/${level}/${adapters}`,
    play,
    level,
    adapters,
    begin: (scheduler): Scenario => {
      const world = new ScheduledWorld(scheduler, adapters, play.options);
      const rows = { name: 'rows', tags: ROW, ...DECLARED[level] };
      const { before, operations, afterwards, alsoKept } = play.begin({ world, level, adapters, rows });

      return {
        before,
        operations,
        verdict: async () => {
          await afterwards?.();
          return [...(play.promise === 'play' ? [] : broken(world, level)), ...(alsoKept?.() ?? [])];
        },
        end: () => {
          world.end();
        },
      };
    },
  };
}

/** What a level promises of every read in the history of one schedule. */
function broken({ history }: ScheduledWorld, level: Level): readonly string[] {
  switch (level) {
    case 'linearizable':
      return [...history.missedCommits(), ...history.missedOwnWrites()];
    case 'strong':
      return [...history.missedWrites(), ...history.missedOwnWrites()];
    case 'session':
      return [...history.sessionsThatWentBack(), ...history.staleReads(MAX_MS)];
    case 'bounded':
    case 'eventual':
      return history.staleReads(MAX_MS);
    case 'immutable':
      return history.missedWrites();
  }
}

/** Acknowledged writes are seen, at once or as soon as a proof of silence is too old to hide them. */
export function noticedWrites({ world: { history }, adapters }: Stage): readonly string[] {
  return adapters === 'redis-with-copies' ? history.missedNews(PROOF_MS) : history.missedWrites();
}

/** Once everything is over and everybody has heard of it, somebody reads. */
export function lastReading({ world, adapters }: Stage, read: () => Promise<Rows>): Promise<void> {
  if (adapters === 'redis-with-copies') world.pass(PROOF_MS + 1);

  return world.reading('last', read);
}
