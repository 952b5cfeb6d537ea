import { expect } from '@jest/globals';
import type { BehaviouralCase } from './behavioural-case.js';
import {
  failing,
  FailingStore,
  FORGETFUL,
  StoreDownError,
  troubled,
  TroubledStore,
  TROUBLES,
} from './faulty-stores.js';
import { EACH_WAY } from './placements.js';
import { runTable } from './run-table.js';

runTable(
  [
    {
      id: 'A6',
      title: 'answers every call from the origin',
      async run({ read, origin, figures }) {
        expect([await read('sku'), await read('sku'), await read('sku')]).toEqual([1, 2, 3]);
        expect(origin.loads).toHaveLength(3);
        expect(figures()).toMatchObject({ miss: 3, storeErrors: 0 });
      },
    },
  ],
  FORGETFUL,
  EACH_WAY,
);

const store = new FailingStore();
/** How long a store is left alone at the longest before it is tried again. */
const LONGEST_PAUSE = '8s';
const BY_PRODUCT = { tags: { product: (sku: string) => sku } };

/** Runs a case, and brings the store back up whatever became of it, and lets the application notice. */
function withStore(run: BehaviouralCase['run']): BehaviouralCase['run'] {
  return async (on) => {
    try {
      await run(on);
    } finally {
      store.down = false;
      store.full = false;
      on.clock.advance(LONGEST_PAUSE);
      await Promise.allSettled([on.read('afterwards')]);
    }
  };
}

const FAILING_ROWS: readonly BehaviouralCase[] = [
  {
    id: 'E3',
    title: 'answers from the origin while the store is down, and from the store when it is back',
    run: withStore(async ({ read, figures }) => {
      store.down = true;
      expect([await read('sku'), await read('sku')]).toEqual([1, 2]);
      expect(figures()).toMatchObject({ loads: 2, loadErrors: 0, hit: 0 });

      store.down = false;
      expect([await read('sku'), await read('sku')]).toEqual([3, 3]);
    }),
  },
  {
    id: 'E3',
    title: 'never takes an error of the store for one of the origin, or the other way round',
    run: withStore(async ({ read, origin, figures }) => {
      store.down = true;
      const failure = new Error('the origin is down too');
      origin.answer = async () => {
        throw failure;
      };

      await expect(read('sku')).rejects.toBe(failure);
      expect(figures()).toMatchObject({ loads: 1, loadErrors: 1 });
    }),
  },
  {
    id: 'E3',
    title: 'passes an error of the origin on that looks like one of the store',
    async run({ read, origin, figures }) {
      const failure = new StoreDownError('connect ECONNREFUSED');
      origin.answer = async () => {
        throw failure;
      };

      await expect(read('sku')).rejects.toBe(failure);
      expect(figures()).toMatchObject({ loadErrors: 1, storeErrors: 0 });
    },
  },
  {
    id: 'D11',
    title: 'serves nothing of before a write that was acknowledged while the store was down',
    cached: BY_PRODUCT,
    evicts: () => [BY_PRODUCT],
    run: withStore(async ({ read, write }) => {
      expect([await read('sku'), await read('sku')]).toEqual([1, 1]);
      store.down = true;
      expect(await write('sku')).toBe('written');
      expect(await read('sku')).toBe(2);

      store.down = false;
      expect([await read('sku'), await read('sku')]).toEqual([3, 3]);
    }),
  },
];

for (const each of failing(store)) runTable(FAILING_ROWS, each, EACH_WAY);

const [reporting] = failing(store);
if (reporting !== undefined) {
  runTable(
    [
      {
        id: 'E3',
        title: 'counts each failure of the store and logs each kind once',
        run: withStore(async ({ read, figures, warnings }) => {
          store.down = true;
          expect([await read('sku'), await read('sku')]).toEqual([1, 2]);
          store.down = false;
          store.full = true;
          expect([await read('sku'), await read('sku')]).toEqual([3, 4]);

          expect(figures()).toMatchObject({ storeErrors: 4, loadErrors: 0 });
          expect(warnings()).toHaveLength(2);
          expect(warnings().join()).toContain('(find)');
          expect(warnings().join()).toContain('(put)');
        }),
      },
    ],
    reporting,
    EACH_WAY,
  );
}

const troubledStore = new TroubledStore();

/** Runs a case, and lets the store work again whatever became of it, and the application notice. */
function inTrouble(run: BehaviouralCase['run']): BehaviouralCase['run'] {
  return async (on) => {
    try {
      await run(on);
    } finally {
      troubledStore.is('work');
      on.clock.advance(LONGEST_PAUSE);
      await Promise.allSettled([on.read('afterwards')]);
    }
  };
}

runTable(
  [
    ...TROUBLES.flatMap((trouble): readonly BehaviouralCase[] => [
      {
        id: 'K1',
        title: `answers from the origin, and with nothing of another key, while reading ${trouble}`,
        run: inTrouble(async ({ read, figures }) => {
          expect([await read('a'), await read('b'), await read('a')]).toEqual([1, 2, 1]);
          troubledStore.reads = trouble;

          expect([await read('a'), await read('b')]).toEqual([3, 4]);
          expect(figures()).toMatchObject({ loads: 4, loadErrors: 0 });
        }),
      },
      {
        id: 'K2',
        title: `answers from the origin while writing ${trouble}`,
        run: inTrouble(async ({ read, figures }) => {
          troubledStore.writes = trouble;

          expect([await read('a'), await read('a')]).toEqual([1, 2]);
          expect(figures()).toMatchObject({ loads: 2, loadErrors: 0 });
        }),
      },
      {
        id: 'K3',
        title: `serves nothing of before a write that was acknowledged while the store ${trouble}`,
        cached: BY_PRODUCT,
        evicts: () => [BY_PRODUCT],
        run: inTrouble(async ({ read, write }) => {
          expect([await read('sku'), await read('sku')]).toEqual([1, 1]);
          troubledStore.is(trouble);
          expect(await write('sku')).toBe('written');
          expect(await read('sku')).toBe(2);
          troubledStore.is('work');

          expect(await read('sku')).toBe(3);
        }),
      },
      {
        id: 'K4',
        title: `serves nothing of before its cache was emptied while the store ${trouble}`,
        run: inTrouble(async ({ read, caching, cache }) => {
          expect([await read('sku'), await read('sku')]).toEqual([1, 1]);
          troubledStore.is(trouble);
          await caching.evictCache(cache);
          expect(await read('sku')).toBe(2);
          troubledStore.is('work');

          expect(await read('sku')).toBe(3);
        }),
      },
    ]),
    {
      id: 'K5',
      title: 'asks a store that hangs once, and not for each request',
      run: inTrouble(async ({ read, origin }) => {
        troubledStore.is('hangs');
        troubledStore.asked = 0;
        for (let request = 0; request < 10; request += 1) await read(`sku-${request}`);

        expect(troubledStore.asked).toBe(1);
        expect(origin.loads).toHaveLength(10);
      }),
    },
    ...TROUBLES.map((trouble): BehaviouralCase => ({
      id: 'K6',
      title: `uses a store that ${trouble} again when it works again`,
      run: inTrouble(async ({ read, clock }) => {
        troubledStore.is(trouble);
        for (let request = 0; request < 5; request += 1) await read('sku');
        troubledStore.is('work');
        clock.advance(LONGEST_PAUSE);

        expect([await read('sku'), await read('sku'), await read('sku')]).toEqual([6, 6, 6]);
      }),
    })),
  ],
  troubled(troubledStore),
  // Where the method stands makes no difference to what its store does, and these cases wait for deadlines.
  EACH_WAY,
);
