import { afterAll, beforeAll, expect, it } from '@jest/globals';
import KeyvRedis from '@keyv/redis';
import { keyvStore } from '../../../src/coordination/keyv/keyv-store.js';
import type { OpenStore } from '../../../src/coordination/shared-store.js';
import { SystemClock } from '../../../src/time/clock.js';
import { describeWithRedis } from '../../support/describe-with-redis.js';
import { startRedis } from '../../support/redis-server.js';
import type { RedisServer } from '../../support/redis-server.js';
import { withinMs } from '../../support/within.js';

const DEADLINE_MS = 150;
const TAGS = { common: ['cprices'], own: ['v7:product:1'] };

describeWithRedis('a Redis that is reached as any Keyv is', () => {
  let server: RedisServer;
  let adapters: KeyvRedis<string>[];
  let one: OpenStore;
  let other: OpenStore;
  beforeAll(async () => {
    server = await startRedis();
    adapters = [new KeyvRedis<string>(server.url), new KeyvRedis<string>(server.url)];
    const [first, second] = await Promise.all(
      adapters.map((adapter) =>
        keyvStore({ stores: [adapter], maxClockSkew: '1s', neverRestored: 'only in this test' }).open({
          namespace: 'ns',
          deadlineMs: DEADLINE_MS,
          copiedTags: 1_000,
          clock: new SystemClock(),
          report: () => undefined,
        }),
      ),
    );
    if (first === undefined || second === undefined) throw new TypeError('two were opened');
    [one, other] = [first, second];
  });
  afterAll(async () => {
    await Promise.all(adapters.map((adapter) => adapter.disconnect(true)));
    await server.stop();
  });

  it('shares versions among processes, whoever evicts', async () => {
    const before = await one.versions.readOrMint(TAGS);
    expect(await other.versions.isCurrent(before)).toBe(true);
    await Promise.all(
      Array.from({ length: 20 }, (_, each) => (each % 2 === 0 ? one : other).versions.bump(['cprices'])),
    );

    expect(await one.versions.isCurrent(before)).toBe(false);
    expect(await other.versions.isCurrent(await one.versions.readOrMint(TAGS))).toBe(true);
  });

  it('knows that it is one and the same store', async () => {
    // Both were opened in one moment; who comes later finds what was kept.
    const [adapter] = adapters as [KeyvRedis<string>];
    const later = await keyvStore({ stores: [adapter], maxClockSkew: '1s' }).open({
      namespace: 'ns',
      deadlineMs: DEADLINE_MS,
      copiedTags: 1_000,
      clock: new SystemClock(),
      report: () => undefined,
    });

    expect([one.id, other.id]).toContain(later.id);
  });

  it('gives back the entry that another process has written', async () => {
    await one.cache.set('ns:entry', 'text', 60_000);

    expect(await other.texts.get('ns:entry')).toBe('text');
  });

  it('is not waited for when it hangs, and an eviction that lands late revives nothing', async () => {
    const before = await one.versions.readOrMint(TAGS);
    await one.versions.bump(['cprices']);
    await server.pause();
    await expect(one.versions.bump(['cprices'])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(one.versions.observe?.(TAGS)).rejects.toThrow('is not answering');
    await server.resume();

    await withinMs(5_000, async () => other.versions.isCurrent(await one.versions.readOrMint(TAGS)));
    expect(await one.versions.isCurrent(before)).toBe(false);
  });
});
