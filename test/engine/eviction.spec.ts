import { describe, expect, it } from '@jest/globals';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { MissingCallerError } from '../../src/context/caller.js';
import { EvictionFailedError } from '../../src/engine/eviction.js';
import { InvalidTagError } from '../../src/entry/entry.errors.js';
import { resolveEviction } from '../../src/policy/resolve-eviction.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

/** Versions that can be made to refuse, and that note what they were asked to replace. */
class ObservedVersionStore extends InProcessVersionStore {
  readonly bumped: string[] = [];
  refuses: (tags: readonly string[]) => boolean = () => false;

  constructor() {
    super(100);
  }

  override async bump(tags: readonly string[]): Promise<void> {
    if (this.refuses(tags)) throw new Error('the store is down');
    this.bumped.push(...tags);
    await super.bump(tags);
  }
}

function evicting(): { versions: ObservedVersionStore; engine: EngineUnderTest } {
  const versions = new ObservedVersionStore();

  return { versions, engine: new EngineUnderTest({ versions }) };
}

describe('an eviction after the method', () => {
  it('is confirmed before the caller is answered, and later than the method', async () => {
    const { versions, engine } = evicting();
    const bumpedDuring: string[] = [];
    const write = engine.writing({ tags: { row: (id: number) => id } }, async () => {
      bumpedDuring.push(...versions.bumped);
      return 'written';
    });

    expect(await write(7)).toBe('written');
    expect(bumpedDuring).toEqual([]);
    expect(versions.bumped).toEqual(['v3:row:7']);
  });

  it('does not happen when the method throws, and the error is its own (D2)', async () => {
    const { versions, engine } = evicting();
    const write = engine.writing({ tags: { row: () => 1 } }, async () => Promise.reject(new Error('conflict')));

    await expect(write()).rejects.toThrow('conflict');
    expect(versions.bumped).toEqual([]);
  });

  it('happens under the arguments as they came, whatever the method does to them', async () => {
    const { versions, engine } = evicting();
    const write = engine.writing({ tags: { row: (row: { id: number }) => row.id } }, async (row) => {
      row.id = 99;
    });

    await write({ id: 7 });

    expect(versions.bumped).toEqual(['v3:row:7']);
  });

  it('names whole families, caches and users beside values', async () => {
    const { versions, engine } = evicting();
    const write = engine.writing(
      { tags: { row: () => [1, 2] }, families: ['page'], caches: ['Prices.of'], user: () => 'ann' },
      async () => undefined,
    );

    await write();

    const { id: ann } = engine.subjects.ofUser('ann');
    expect([...versions.bumped].sort()).toEqual(['cPrices.of', 'fpage', `u${ann}`, 'v3:row:1', 'v3:row:2']);
  });

  it('takes a value from the result (D9)', async () => {
    const { versions, engine } = evicting();
    const write = engine.writing({ tagsOfResult: { row: (row: { id: number }) => row.id } }, async () => ({ id: 3 }));

    await write();

    expect(versions.bumped).toEqual(['v3:row:3']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no id');
      },
    ],
    ['answers with nothing', () => undefined as never],
  ])('widens to the family when the value of the result %s', async (_, valueOf) => {
    const { versions, engine } = evicting();
    const write = engine.writing({ tagsOfResult: { row: valueOf } }, async () => 'written');

    expect(await write()).toBe('written');
    expect(versions.bumped).toEqual(['frow']);
    expect(engine.story()).toEqual(['eviction-widened write row', 'tags-evicted write']);
  });

  it('that fails is told to the caller, though the method has succeeded (H6)', async () => {
    const { versions, engine } = evicting();
    versions.refuses = () => true;
    const write = engine.writing({ tags: { row: () => 1 } }, async () => 'written');

    await expect(write()).rejects.toBeInstanceOf(EvictionFailedError);
    expect(engine.story()).toEqual(['eviction-failed write']);
    expect(engine.metrics.evictionFigures()).toMatchObject({ evictions: 0, failed: 1 });
  });
});

describe('an eviction before the method', () => {
  it('happens also when the method throws (D3)', async () => {
    const { versions, engine } = evicting();
    const write = engine.writing({ when: 'before', tags: { row: () => 1 } }, async () =>
      Promise.reject(new Error('no')),
    );

    await expect(write()).rejects.toThrow('no');
    expect(versions.bumped).toEqual(['v3:row:1']);
  });

  it('that fails keeps the method from running', async () => {
    const { versions, engine } = evicting();
    versions.refuses = () => true;
    let ran = false;
    const write = engine.writing({ when: 'before', tags: { row: () => 1 } }, async () => {
      ran = true;
    });

    await expect(write()).rejects.toBeInstanceOf(EvictionFailedError);
    expect(ran).toBe(false);
  });
});

describe('a call whose eviction cannot be worked out', () => {
  it.each([
    ['a tag that is not a value', { tags: { row: () => NaN } }, InvalidTagError],
    ['a user that is nobody', { user: () => undefined }, MissingCallerError],
    [
      'a condition that throws',
      {
        families: ['row'],
        condition: (): boolean => {
          throw new RangeError('own');
        },
      },
      RangeError,
    ],
  ])('stops before the method: %s', async (_, policy, kind) => {
    const { engine } = evicting();
    let ran = false;
    const write = engine.writing(policy, async () => {
      ran = true;
    });

    await expect(write()).rejects.toBeInstanceOf(kind);
    expect(ran).toBe(false);
  });

  it('is not stopped by a value that its condition leaves out', async () => {
    const { versions, engine } = evicting();
    const write = engine.writing({ tags: { row: () => NaN }, condition: () => false }, async () => 'written');

    expect(await write()).toBe('written');
    expect(versions.bumped).toEqual([]);
  });
});

describe('several evictions around one method', () => {
  it('are all tried when one fails, and the failure is told', async () => {
    const { versions, engine } = evicting();
    versions.refuses = (tags) => tags.includes('frow');
    const evictions = ['row', 'page'].flatMap((family) => resolveEviction({ families: [family] }, family).resolved);

    const written = engine.eviction.around(evictions, [], async () => 'written');

    await expect(written).rejects.toMatchObject({ code: 'EVICTION_FAILED', where: 'row' });
    expect(versions.bumped).toEqual(['fpage']);
  });
});
