import { expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { InProcessLoadLeases } from '../../src/coordination/in-process/in-process-load-leases.js';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import { ABSENT, EntryStore } from '../../src/storage/entry-store.js';
import type { EntryAddress, Lookup } from '../../src/storage/entry-store.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

/**
 * One entry, of which this process has a copy whose instants are whole milliseconds, rounded so that it only looks older, and
 * the shared store the original, whose instants are those of a server.
 */
class CopyAndOriginal extends EntryStore {
  private original: CacheEntry | undefined;

  override find(): Lookup {
    if (this.original === undefined) return ABSENT;

    return { state: 'found', entry: { ...this.original, asOfMs: Math.floor(this.original.asOfMs) } };
  }

  override findShared(): Lookup {
    return this.original === undefined ? ABSENT : { state: 'found', entry: this.original };
  }

  override put(_address: EntryAddress, entry: CacheEntry): void {
    this.original = entry;
  }
}

// A refresh takes what another process has loaded meanwhile. It took the original of the very copy that it was to replace,
// which looked younger by a fraction of a millisecond, so over Redis no entry was ever refreshed.
it('a copy that is refreshed is not replaced by its own original', async () => {
  const clock = new ManualClock(1_000.5);
  const entries = (): EntryStore => new CopyAndOriginal();
  const engine = new EngineUnderTest({ clock, entries, leases: new InProcessLoadLeases(clock) });
  let loads = 0;
  const read = engine.cached(
    { name: 'prices', consistency: 'bounded', ttl: '2s', refresh: { whileStale: true }, tolerance: { max: '5s' } },
    async () => {
      loads += 1;
      return Promise.resolve(loads);
    },
  );
  await read();
  engine.clock.advance('2s');
  await read();
  await new Promise((resolve) => setImmediate(resolve));

  expect(loads).toBe(2);
});
