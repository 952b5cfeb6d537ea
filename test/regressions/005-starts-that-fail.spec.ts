import { describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import type { ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  AuditFailedError,
  Cacheable,
  CacheEvict,
  ConsistentCache,
  ConsistentCacheModule,
  DuplicateModuleError,
  InvalidPolicyError,
  SharedStore,
  SystemClock,
} from 'nestjs-consistent-cache';
import type { CacheablePolicy, EvictPolicy, OpenStore } from 'nestjs-consistent-cache';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { InProcessWriteIntents } from '../../src/coordination/in-process/in-process-write-intents.js';
import { InvalidationFeed } from '../../src/coordination/invalidation-feed.js';
import { LoadLeases } from '../../src/coordination/load-leases.js';
import { TextReads } from '../../src/coordination/text-reads.js';
import { cacheInMemory } from '../../src/storage/stores.js';

class NoTexts extends TextReads {
  override get(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  override distrust(): void {
    return undefined;
  }
}

class NoFeed extends InvalidationFeed {
  override readonly proofMs = 0;

  override isProven(): boolean {
    return false;
  }

  override watch(): undefined {
    return undefined;
  }
}

class EveryLease extends LoadLeases {
  override acquire(): { release(): void } {
    return { release: () => undefined };
  }
}

/** A shared store that is nowhere, and knows how often it is open. */
class CountingStore extends SharedStore {
  opened = 0;
  stillOpen = 0;

  override async open(): Promise<OpenStore> {
    this.opened += 1;
    this.stillOpen += 1;

    return {
      id: 'nowhere',
      cache: cacheInMemory(10),
      texts: new NoTexts(),
      versions: new InProcessVersionStore(10),
      intents: new InProcessWriteIntents(),
      leases: new EveryLease(),
      feed: new NoFeed(),
      clock: new SystemClock(),
      capabilities: {
        describedAs: 'a store of the tests',
        has: new Set(['sharedVersions', 'knownEpoch', 'intents', 'tickets'] as const),
        missingBecause: {},
      },
      close: async () => {
        this.stillOpen -= 1;
      },
    };
  }
}

const over = (sharedStore: SharedStore, namespace = 'shop') =>
  ConsistentCacheModule.forRoot({ sharedStore, namespace, subjectSecret: 'a secret that is long enough' });

async function start(metadata: ModuleMetadata) {
  const app = await Test.createTestingModule(metadata).compile();

  return app.init();
}

/** Rows that are cached, and written, as declared. */
function rows(cached: Pick<CacheablePolicy<[], string>, 'consistency' | 'ttl'>, evicted: EvictPolicy<[], string>) {
  class Rows {
    @Cacheable({ ...cached, scope: 'shared', owner: 'tests', tags: { row: () => 1 } })
    async row(): Promise<string> {
      return 'a row';
    }

    @CacheEvict(evicted)
    async change(): Promise<string> {
      return 'changed';
    }
  }

  return Rows;
}

// Nest ends nothing when a start fails, and each connection that was left open kept the process alive.
describe('a start that fails leaves no shared store open', () => {
  it('when the module is there twice', async () => {
    const stores = [new CountingStore(), new CountingStore()] as const;
    @Module({ imports: [over(stores[0], 'one')] })
    class Shop {}
    @Module({ imports: [over(stores[1], 'two')] })
    class Warehouse {}

    await expect(start({ imports: [Shop, Warehouse] })).rejects.toThrow(DuplicateModuleError);
    expect(stores.map(({ opened, stillOpen }) => ({ opened, stillOpen }))).toEqual([
      { opened: 1, stillOpen: 0 },
      { opened: 1, stillOpen: 0 },
    ]);
  });

  it('when a method cannot be wrapped, because its instance is frozen', async () => {
    const store = new CountingStore();
    const Rows = rows({ consistency: 'strong' }, { tags: { row: () => 1 } });
    const providers = [{ provide: 'ROWS', useValue: Object.freeze(new Rows()) }];

    await expect(start({ imports: [over(store)], providers })).rejects.toThrow('frozen');
    expect(store).toMatchObject({ opened: 1, stillOpen: 0 });
  });

  it('and one that succeeds leaves it open until the application ends', async () => {
    const store = new CountingStore();
    const app = await start({ imports: [over(store)] });

    expect(store).toMatchObject({ opened: 1, stillOpen: 1 });
    await app.close();
    expect(store).toMatchObject({ opened: 1, stillOpen: 0 });
  });
});

const HERE = ConsistentCacheModule.forRoot({ topology: 'single-process' });

// A read between an eviction and the commit behind it stores the old value again, and nothing evicts that.
describe('a strong cache that is evicted only before its writes', () => {
  const startWith = (...policies: readonly EvictPolicy<[], string>[]) =>
    start({
      imports: [HERE],
      providers: policies.map((policy, index) =>
        index === 0 ? rows({ consistency: 'strong' }, policy) : writes(policy),
      ),
    });

  function writes(policy: EvictPolicy<[], string>) {
    class Writes {
      @CacheEvict(policy)
      async change(): Promise<string> {
        return 'changed';
      }
    }

    return Writes;
  }

  it('does not start', async () => {
    const failure = await startWith({ tags: { row: () => 1 }, when: 'before' }).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(AuditFailedError);
    expect((failure as AuditFailedError).findings.map(({ fault }) => fault)).toEqual(['strong-without-eviction']);
  });

  it('starts when another write evicts it afterwards', async () => {
    const app = await startWith({ tags: { row: () => 1 }, when: 'before' }, { tags: { row: () => 1 } });
    await app.close();
  });
});

// Writes are announced to the linearizable caches that the start has found; those of a later one would go unannounced.
describe('a linearizable cache that is declared after the start', () => {
  const LATE = {
    name: 'late',
    consistency: 'linearizable',
    scope: 'shared',
    owner: 'tests',
    tags: { row: () => 1 },
  } as const;

  it('is refused where the writes of its families are not announced', async () => {
    const Rows = rows({ consistency: 'eventual', ttl: '1m' }, { tagsOfResult: { row: () => 1 } });
    const app = await start({ imports: [HERE], providers: [Rows] });

    expect(() => app.get(ConsistentCache).declare(LATE)).toThrow(InvalidPolicyError);
    expect(() => app.get(ConsistentCache).declare({ ...LATE, consistency: 'strong' })).not.toThrow();
    await app.close();
  });

  it('is accepted where they are', async () => {
    const Rows = rows({ consistency: 'linearizable' }, { tags: { row: () => 1 } });
    const app = await start({ imports: [HERE], providers: [Rows] });

    expect(() => app.get(ConsistentCache).declare(LATE)).not.toThrow();
    await app.close();
  });
});
