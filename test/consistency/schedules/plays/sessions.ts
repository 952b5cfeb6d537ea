import { DECLARED } from '../play.js';
import type { Play, Stage } from '../play.js';
import { inSession } from '../world/caller-session.js';
import type { SessionAct } from '../world/caller-session.js';
import { losing, restarting } from '../world/faults.js';
import { IN_PROCESS } from '../world/instance.js';

/** A caller's reads here and there, as acts of its session. */
function acts({ world, rows }: Stage): { readonly here: SessionAct; readonly there: SessionAct } {
  const { here, there } = world.cachedTwice(rows);

  return {
    here: { read: () => here('a'), at: world.here },
    there: { read: () => there('a'), at: world.there },
  };
}

const EVERYWHERE = [...IN_PROCESS, 'redis', 'redis-with-copies'] as const;

/** Callers who move between two instances. */
export const SESSIONS: readonly Play[] = [
  {
    name: 'mover-and-evicting-writer',
    about:
      'Two values are loaded under one version, before the commit and after it: who saw the later does not see the earlier.',
    levels: ['session'],
    over: EVERYWHERE,
    begin: (stage) => {
      const { world } = stage;
      const { here, there } = acts(stage);

      return {
        operations: () => [inSession(world, 's', here, there), inSession(world, 't', there), world.writing('w', 'a')],
      };
    },
  },
  {
    name: 'mover-and-unseen-write',
    about: 'Nobody evicts, and still no caller goes back.',
    levels: ['session'],
    over: EVERYWHERE,
    begin: (stage) => {
      const { world } = stage;
      const { here, there } = acts(stage);

      return {
        operations: () => [
          inSession(world, 's', here, there),
          inSession(world, 't', there),
          world.writingUnseen('w', 'a'),
        ],
      };
    },
  },
  {
    name: 'writes-here-reads-there',
    about: 'A caller sees its own write, whoever loads meanwhile.',
    levels: ['session'],
    over: EVERYWHERE,
    begin: (stage) => {
      const { world } = stage;
      const { there } = acts(stage);

      return {
        operations: () => [inSession(world, 's', { write: 'a', at: world.here }, there), inSession(world, 't', there)],
      };
    },
  },
  {
    name: 'own-write-that-is-not-evicted',
    about: 'A caller sees its own write, also when its eviction fails, and others do not see it yet.',
    levels: ['session'],
    over: ['redis', 'redis-with-copies'],
    begin: (stage) => {
      const { world, rows } = stage;
      const { there } = acts(stage);
      const begins = world.cached(rows);

      return {
        operations: () => [
          inSession(world, 's', { read: () => begins('b'), at: world.here }, { write: 'a', at: world.here }, there),
          inSession(world, 't', there),
          losing(world, world.here),
        ],
      };
    },
  },
  {
    name: 'seen-and-older-entry',
    about: 'What was seen may have been read at the end of its load; an entry that was begun before that may be older.',
    levels: ['session'],
    over: EVERYWHERE,
    begin: (stage) => {
      const { world, rows } = stage;
      const { there } = acts(stage);
      const readsLate = world.cached(rows, async (row) => {
        await world.gate(`asks for ${row}`);
        return world.query(row, 0);
      });

      return {
        operations: () => [
          inSession(
            world,
            's',
            { read: () => readsLate('begins'), at: world.here },
            { read: () => readsLate('a'), at: world.here },
            there,
          ),
          inSession(world, 't', there),
          world.writingUnseen('w', 'a'),
        ],
      };
    },
  },
  {
    name: 'seen-beside-a-running-load',
    about: 'Who has seen a newer value that was not stored does not join a load that began before.',
    levels: ['session'],
    over: EVERYWHERE,
    begin: (stage) => {
      const { world, rows } = stage;
      const { there } = acts(stage);
      const unstored = world.cached({ ...rows, unless: () => true });

      return {
        operations: () => [
          inSession(world, 's', { read: () => unstored('a'), at: world.here }, there),
          inSession(world, 't', there),
          world.writingUnseen('w', 'a'),
        ],
      };
    },
  },
  {
    name: 'session-over-a-restart',
    about: 'A caller does not go back when the store forgets everything, or remembers what it had forgotten.',
    levels: ['session'],
    over: ['redis', 'redis-with-copies'],
    begin: (stage) => {
      const { world } = stage;
      const { here, there } = acts(stage);

      return {
        operations: () => [
          inSession(world, 's', { write: 'a', at: world.here }, there, here),
          inSession(world, 't', there, here),
          restarting(world, 'with-old-state'),
        ],
      };
    },
  },
  {
    name: 'session-over-parts',
    about: 'A caller sees its own write also in what is made of parts that its write does not evict.',
    levels: ['session'],
    over: IN_PROCESS,
    begin: ({ world, rows }) => {
      const part = world.cached({ name: 'part', ...DECLARED.bounded });
      const whole = world.cached(rows, (row) => part(row));

      return {
        operations: () => [
          inSession(world, 't', { read: async () => (await part('a'), {}), at: world.here }),
          inSession(world, 's', { write: 'a', at: world.here }, { read: () => whole('a'), at: world.here }),
        ],
      };
    },
  },
];
