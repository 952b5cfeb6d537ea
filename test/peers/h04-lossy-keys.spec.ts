import { expect, it } from '@jest/globals';
import { createCache } from 'cache-manager';
import { EngineUnderTest } from '../support/engine-under-test.js';

// Peers join arguments with `:` or `|`, or hash their JSON to 32 bits: calls that differ share an entry. cache-manager's
// `wrap` leaves the key to its caller, who writes a template of the arguments.

const DIFFERENT: readonly (readonly [string, readonly unknown[], readonly unknown[]])[] = [
  ['separators inside values', ['a:b', 'c'], ['a', 'b:c']],
  ['a number and its text', [1], ['1']],
  ['null and its name', [null], ['null']],
  ['two objects', [{ id: 1 }], [{ id: 2 }]],
  ['an array and its members', [['a', 'b']], ['a,b']],
];

it.each(DIFFERENT)('the peer, with the usual key, confuses %s', async (_, some, others) => {
  const cache = createCache();
  const read = (args: readonly unknown[]): Promise<unknown> =>
    cache.wrap(`find:${args.map(String).join(':')}`, async () => args);

  await read(some);

  expect(await read(others)).toEqual(some);
});

it.each([
  ...DIFFERENT,
  ['a number and a bigint', [1], [1n]],
  ['null and undefined', [null], [undefined]],
  ['an absent argument and undefined', [], [undefined]],
  ['a Date and its JSON', [new Date(0)], [new Date(0).toJSON()]],
  ['a Map and an empty object', [new Map([[1, 1]])], [{}]],
] as const)('tells apart %s', async (_, some, others) => {
  const engine = new EngineUnderTest();
  const read = engine.cached(
    { name: 'find', consistency: 'eventual', ttl: '1m' },
    async (...args: readonly unknown[]) => args,
  );

  await read(...some);

  expect(await read(...others)).toEqual(others);
  expect(engine.metrics.figuresOf('find')).toMatchObject({ loads: 2, hit: 0 });
});

it('tells apart two caches of one method name', async () => {
  const engine = new EngineUnderTest();
  const policy = { consistency: 'eventual', ttl: '1m' } as const;
  const orders = engine.cached<[id: number], string>({ name: 'Orders.find', ...policy }, async () => 'an order');
  const users = engine.cached<[id: number], string>({ name: 'Users.find', ...policy }, async () => 'a user');

  expect([await orders(1), await users(1)]).toEqual(['an order', 'a user']);
});
