import { expect, it } from '@jest/globals';
import { createCache } from 'cache-manager';
import { Exclude, instanceToPlain } from 'class-transformer';
import { Keyv } from 'keyv';
import { BreakableStore, overStore } from '../support/breakable-store.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

// A store of text gives back a plain object where an instance went in, so class-transformer no longer knows what to
// leave out: with CacheInterceptor or `wrap` the password hash is in the answer of every hit.

class User {
  @Exclude() readonly passwordHash = '$2b$10$secret';

  constructor(readonly name: string) {}
}
/** What Nest's ClassSerializerInterceptor sends. */
const sent = (user: User): unknown => instanceToPlain(user);
const PUBLIC = { name: 'ann' };

it('the peer sends the password hash from the second call on', async () => {
  const cache = createCache({ stores: [new Keyv({ store: new BreakableStore() })] });
  const read = (): Promise<User> => cache.wrap('user', async () => new User('ann'));

  expect(sent(await read())).toEqual(PUBLIC);
  expect(sent(await read())).toHaveProperty('passwordHash');
});

it.each([
  ['in memory', () => new EngineUnderTest()],
  ['over a store of text', () => new EngineUnderTest({ entries: overStore(new BreakableStore()) })],
])('an instance without a codec is refused, and answered as it is, %s', async (_, made) => {
  const engine = made();
  const read = engine.cached({ name: 'users', consistency: 'strong' }, async () => new User('ann'));

  expect([sent(await read()), sent(await read())]).toEqual([PUBLIC, PUBLIC]);
  expect(engine.metrics.figuresOf('users').refusals).toEqual({ 'value-unstorable': 2 });
});

it.each([
  ['in memory', () => new EngineUnderTest()],
  ['over a store of text', () => new EngineUnderTest({ entries: overStore(new BreakableStore()) })],
])('an instance with a codec is revived, with what its class leaves out, %s', async (_, made) => {
  const engine = made();
  const read = engine.cached({ name: 'users', consistency: 'strong', codecs: [User] }, async () => new User('ann'));

  const [miss, hit] = [await read(), await read()];

  expect([sent(miss), sent(hit)]).toEqual([PUBLIC, PUBLIC]);
  expect(hit).toBeInstanceOf(User);
  expect(engine.metrics.figuresOf('users')).toMatchObject({ loads: 1, hit: 1 });
});
