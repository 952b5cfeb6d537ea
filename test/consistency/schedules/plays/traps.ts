import { DECLARED, ROW } from '../play.js';
import type { Level, Play } from '../play.js';
import { forgetting, losing, restarting } from '../world/faults.js';
import { OVER_REDIS } from '../world/instance.js';
import { again, known } from './known-row.js';

const STRICT: readonly Level[] = ['linearizable', 'strong'];

/** Few steps each, so that what an exhaustive search of the protocol has found can be met with in the code. */
export const TRAPS: readonly Play[] = [
  {
    name: 'old-state-returns',
    about:
      'The store comes back with the version from before an eviction, and the entry under it is not current again.',
    levels: ['linearizable', 'strong', 'bounded', 'eventual'],
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;
      const { here, before } = known(stage);

      return {
        before,
        operations: () => [
          world.reading('r', () => here('a')),
          world.writing('w', 'a', undefined, world.there),
          restarting(world, 'with-old-state'),
        ],
        afterwards: () => world.reading('last', () => here('a')),
        alsoKept: () => world.history.missedWrites().filter((line) => line.startsWith('last')),
      };
    },
  },
  {
    name: 'metadata-dies-first',
    about: 'The version of a tag vanishes before the entry under it, which is then not served.',
    levels: STRICT,
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;
      const { here, before } = known(stage);

      return {
        before,
        operations: () => [
          world.reading('r', () => here('a')),
          world.writing('w', 'a', undefined, world.there),
          forgetting(world, 'versions'),
        ],
      };
    },
  },
  {
    name: 'owed-eviction',
    about:
      'An eviction could not be confirmed; its process serves nothing from before, and pays when the store answers.',
    levels: STRICT,
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;
      const { here, there, before } = known(stage);

      return {
        before,
        operations: () => [again(stage, 'r', here, world.here), world.writing('w', 'a'), losing(world, world.here)],
        afterwards: async () => {
          world.here.link?.probe();
          await world.gate('probes are answered');
          await world.reading('last', () => there('a'), world.there);
        },
        alsoKept: () => world.history.missedCommits().filter((line) => line.startsWith('last')),
      };
    },
  },
  {
    name: 'owed-under-two-caches',
    about: 'Storing something under a tag whose eviction is owed does not make up for the eviction of something else.',
    levels: ['strong'],
    over: ['redis'],
    begin: (stage) => {
      const { world } = stage;
      const { here, before } = known(stage);
      const page = world.cached({ name: 'page', tags: ROW, ...DECLARED.strong });

      return {
        before: async () => {
          await before();
          await page('a');
        },
        operations: () => [
          again(stage, 'r', here, world.here),
          world.reading('p', () => page('a')),
          world.writing('w', 'a'),
          losing(world, world.here),
        ],
      };
    },
  },
  {
    name: 'crowd-without-a-store',
    about: 'While the store cannot be asked, nobody joins a load that began before he came.',
    levels: STRICT,
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;
      const { here, before } = known(stage);

      return {
        before,
        operations: () => [
          world.reading('r1', () => here('a')),
          world.reading('r2', () => here('a')),
          world.writing('w', 'a', undefined, world.there),
          losing(world, world.here),
        ],
      };
    },
  },
];
