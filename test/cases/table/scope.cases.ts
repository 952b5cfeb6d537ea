import { expect } from '@jest/globals';
import { MissingCallerError } from 'nestjs-consistent-cache';
import { Deferred } from '../../support/deferred.js';
import { FORGETTING } from '../behavioural-case.js';
import type { BehaviouralCase, Subject } from '../behavioural-case.js';

const BY_ARGUMENT = { scope: 'user', userKey: (user?: string | number | null) => user } as const;

/** Two spellings of the same bytes, look-alikes, separators, and ids that differ only at the very end. */
const CRAFTED_IDS = [
  ...['ada', 'Ada', 'ADA', 'аda', 'ａda', 'ada ', ' ada', 'ada\u0000', 'ada\u200b', '\u00e9', 'e\u0301'],
  ...['a|b', 'a:b', 'a,b', 'a;b', 'a.b', 'a', 'b', 'a|b|c', '..', '*', '__proto__', 'constructor', 'undefined', 'null'],
  ...['1', '01', '1.0', '1n', 'un1', '\ud800', '\ud801', '\ufffd'],
  ...[`${'x'.repeat(10_000)}a`, `${'x'.repeat(10_000)}b`, 'x'.repeat(10_000)],
];

/** H. Whose data an entry is. */
export const SCOPE: readonly BehaviouralCase[] = [
  {
    id: 'H1',
    title: 'never gives one user the entry of another, told by an argument',
    cached: BY_ARGUMENT,
    async run({ read, origin }) {
      origin.answer = async (user) => `${user as string}'s cart`;
      for (const user of ['ada', 'bob', 'ada', 'bob']) expect(await read(user)).toBe(`${user}'s cart`);

      expect(origin.loads).toHaveLength(2);
    },
  },
  {
    id: 'H1',
    title: 'never gives one user the entry of another, told by the surroundings',
    cached: { scope: 'user' },
    async run({ read, origin, callers }) {
      origin.answer = async () => `${String(callers.current()?.user)}'s cart`;
      const cartOf = (user: string): Promise<unknown> => callers.runAs({ user }, () => read('cart'));
      for (const user of ['ada', 'bob', 'ada', 'bob']) expect(await cartOf(user)).toBe(`${user}'s cart`);

      expect(origin.loads).toHaveLength(2);
    },
  },
  {
    id: 'H1',
    title: 'lets no user join the load of another',
    cached: { scope: 'user' },
    async run({ read, origin, callers }) {
      const gates = { ada: new Deferred<string>(), bob: new Deferred<string>() };
      origin.answer = () => gates[callers.current()?.user as 'ada' | 'bob'].promise;
      const ada = callers.runAs({ user: 'ada' }, () => read('cart'));
      const bob = callers.runAs({ user: 'bob' }, () => read('cart'));
      await origin.reached(2);
      gates.bob.resolve("bob's cart");
      gates.ada.resolve("ada's cart");

      expect(await Promise.all([ada, bob])).toEqual(["ada's cart", "bob's cart"]);
    },
  },
  {
    id: 'H1',
    title: 'knows a user again whose id is written as a number here and as text there',
    cached: BY_ARGUMENT,
    async run({ read, caching, callers }) {
      const asOne = (user: string | number) => callers.runAs({ user }, () => read(user, 'cart'));
      expect(await callers.runAs({ user: 1 }, () => read('1', 'cart'))).toBe(1);
      expect(await asOne('1')).toBe(1);
      await caching.evictUser(1);
      expect(await asOne('1')).toBe(2);
    },
  },
  {
    id: 'H1',
    title: 'keeps one user in two tenants apart',
    cached: { scope: 'user' },
    async run({ read, callers }) {
      const as = (tenant: string | undefined) => callers.runAs({ user: 'ada', tenant }, () => read('cart'));

      expect([await as('north'), await as('south'), await as(undefined)]).toEqual([1, 2, 3]);
      expect([await as('north'), await as('south'), await as(undefined)]).toEqual([1, 2, 3]);
    },
  },
  {
    id: 'H1',
    title: 'shares within a tenant and never between two',
    cached: { scope: 'tenant' },
    async run({ read, callers }) {
      const as = (tenant: string, user: string) => callers.runAs({ tenant, user }, () => read('pricelist'));

      expect([await as('north', 'ada'), await as('north', 'bob'), await as('south', 'ada')]).toEqual([1, 1, 2]);
    },
  },
  {
    id: 'H2',
    title: 'answers from the origin when nobody is known, counts it, and says so once',
    cached: { scope: 'user' },
    async run({ read, figures, warnings }) {
      expect([await read('cart'), await read('cart'), await read('cart')]).toEqual([1, 2, 3]);
      expect(figures()).toMatchObject({ hit: 0, miss: 0, refused: 3, refusals: { 'caller-missing': 3 } });
      expect(warnings()).toHaveLength(1);
      expect(warnings()[0]).toContain('CallerContext.runAs');
    },
  },
  {
    id: 'H2',
    title: 'takes an empty id for nobody',
    cached: BY_ARGUMENT,
    async run({ read, origin, figures }) {
      const nobody = [undefined, null, '', Number.NaN, Infinity];
      for (const user of [...nobody, ...nobody]) await read(user);

      expect(origin.loads).toHaveLength(2 * nobody.length);
      expect(figures().refusals).toEqual({ 'caller-missing': 2 * nobody.length });
    },
  },
  {
    id: 'H2',
    title: 'never lets what was loaded for nobody answer a user, or the other way round',
    levels: FORGETTING,
    cached: { scope: 'user' },
    async run({ read, callers }) {
      const asAda = () => callers.runAs({ user: 'ada' }, () => read('cart'));

      expect([await read('cart'), await asAda(), await read('cart'), await asAda()]).toEqual([1, 2, 3, 2]);
    },
  },
  {
    id: 'H2',
    title: 'throws when nobody is known, where that is declared',
    cached: { scope: 'user', onMissingUser: 'throw' },
    async run({ read, origin, callers, cache }) {
      await expect(read('cart')).rejects.toBeInstanceOf(MissingCallerError);
      await expect(read('cart')).rejects.toMatchObject({
        code: 'CALLER_MISSING',
        where: expect.stringContaining(cache.replace(/\.read$/, '')) as unknown,
        fix: expect.stringContaining('userKey') as unknown,
      });
      expect(origin.loads).toHaveLength(0);
      expect(await callers.runAs({ user: 'ada' }, () => read('cart'))).toBe(1);
    },
  },
  {
    id: 'H2',
    title: 'does the same for a tenant',
    cached: { scope: 'tenant' },
    async run({ read, callers, figures }) {
      expect(await callers.runAs({ user: 'ada' }, () => read('pricelist'))).toBe(1);
      expect(await callers.runAs({ user: 'ada' }, () => read('pricelist'))).toBe(2);
      expect(figures().refusals).toEqual({ 'caller-missing': 2 });
    },
  },
  {
    id: 'H3',
    title: 'refuses a user key that disagrees with who is calling',
    levels: FORGETTING,
    cached: BY_ARGUMENT,
    async run({ read, callers, figures, warnings }) {
      await read('ada');
      expect(await callers.runAs({ user: 'bob' }, () => read('ada'))).toBe(2);
      expect(await callers.runAs({ user: 'bob' }, () => read('ada'))).toBe(3);
      expect(await callers.runAs({ user: 'ada' }, () => read('ada'))).toBe(1);
      expect(await read('ada')).toBe(1);
      expect(figures()).toMatchObject({ refusals: { 'caller-disagrees': 2 }, hit: 2 });
      expect(warnings()).toHaveLength(1);
    },
  },
  {
    id: 'H3',
    title: 'lets a user key that says nobody overrule who is calling',
    cached: BY_ARGUMENT,
    async run({ read, callers, figures }) {
      expect(await callers.runAs({ user: 'ada' }, () => read(undefined))).toBe(1);
      expect(await callers.runAs({ user: 'ada' }, () => read(undefined))).toBe(2);
      expect(figures().refusals).toEqual({ 'caller-missing': 2 });
    },
  },
  {
    id: 'H3',
    title: 'refuses a tenant key that disagrees with who is calling',
    cached: { scope: 'tenant', tenantKey: (tenant: string) => tenant },
    async run({ read, callers, figures }) {
      expect([await read('north'), await read('north')]).toEqual([1, 1]);
      expect(await callers.runAs({ tenant: 'south' }, () => read('north'))).toBe(2);
      expect(figures().refusals).toEqual({ 'caller-disagrees': 1 });
    },
  },
  {
    id: 'H4',
    title: 'keeps crafted ids apart',
    levels: FORGETTING,
    cached: BY_ARGUMENT,
    async run({ read, origin }) {
      origin.answer = async (user) => `the cart of ${user as string}`;
      for (const user of [...CRAFTED_IDS, ...CRAFTED_IDS]) expect(await read(user)).toBe(`the cart of ${user}`);

      expect(origin.loads).toHaveLength(CRAFTED_IDS.length);
    },
  },
  {
    id: 'H4',
    title: 'keeps crafted ids apart where only the surroundings tell them',
    levels: FORGETTING,
    cached: { scope: 'user' },
    async run({ read, origin, callers }) {
      const ids = [...CRAFTED_IDS, 1.5, -1];
      const first = [];
      for (const user of ids) first.push(await callers.runAs({ user }, () => read('cart')));
      const second = [];
      for (const user of ids) second.push(await callers.runAs({ user }, () => read('cart')));

      expect(first).toEqual(ids.map((_, index) => index + 1));
      expect(second).toEqual(first);
      expect(origin.loads).toHaveLength(ids.length);
    },
  },
  {
    id: 'H4',
    title: 'keeps an id and an argument apart, however they are cut',
    cached: BY_ARGUMENT,
    async run({ read }) {
      const calls = [
        ['a', 'b|c'],
        ['a|b', 'c'],
        ['a', 'b', 'c'],
        ['a:b', 'c'],
        ['a', 'b:c'],
        ['a|', 'b'],
      ];
      for (const [index, args] of calls.entries()) expect(await read(...args)).toBe(index + 1);
      for (const [index, args] of calls.entries()) expect(await read(...args)).toBe(index + 1);
    },
  },
  {
    id: 'H4',
    title: 'tells no event who the user is',
    cached: { ...BY_ARGUMENT, key: (_: string, part: string) => part },
    async run({ read, events }) {
      await read('ada@shop.example', 'cart');
      await read('ada@shop.example', 'cart');

      expect(events()).not.toHaveLength(0);
      expect(JSON.stringify(events())).not.toContain('ada@shop.example');
    },
  },
  {
    id: 'H5',
    title: 'neither stores nor shares what was loaded while looking at who is calling',
    async run(on) {
      await personalLoadUnderSharedKey(on);
      expect(on.figures().refusals).toEqual({ 'identity-read': 3 });
      expect(on.warnings()).toHaveLength(1);
    },
  },
  {
    id: 'H5',
    title: 'neither stores nor shares under a tenant what was loaded while looking at who is calling',
    cached: { scope: 'tenant', tenantKey: () => 'north' },
    run: personalLoadUnderSharedKey,
  },
  {
    id: 'H5',
    title: 'stores what was loaded while looking at who is calling where the entry is that user’s own',
    cached: { scope: 'user' },
    async run({ read, origin, callers, figures }) {
      origin.answer = async () => callers.current()?.user;
      const asAda = () => callers.runAs({ user: 'ada' }, () => read('cart'));

      expect([await asAda(), await asAda()]).toEqual(['ada', 'ada']);
      expect(origin.loads).toHaveLength(1);
      expect(figures().refused).toBe(0);
    },
  },
  {
    id: 'H5',
    title: 'keeps nothing for everybody that looked at who is calling',
    async run({ read, origin, callers, events }) {
      origin.answer = async () => `a page for ${String(callers.current()?.user)}`;
      const pageOf = (user: string): Promise<unknown> => callers.runAs({ user }, () => read('page'));

      expect(await Promise.all([pageOf('ada'), pageOf('bob')])).toEqual(['a page for ada', 'a page for bob']);
      expect(await pageOf('ada')).toBe('a page for ada');
      expect(origin.loads).toHaveLength(3);
      expect(events()).toContainEqual(expect.objectContaining({ type: 'read-refused', because: 'identity-read' }));
    },
  },
  {
    id: 'H8',
    title: 'forgets everything of one user and nothing of another',
    cached: BY_ARGUMENT,
    needsTwin: true,
    async run({ read, readTwin, caching, callers }) {
      await read('ada', 'cart');
      await callers.runAs({ tenant: 'north' }, () => read('ada', 'cart'));
      await readTwin('ada', 'cart');
      await read('bob', 'cart');
      await caching.evictUser('ada');

      expect(await read('bob', 'cart')).toBe(4);
      expect(await read('ada', 'cart')).toBe(5);
      expect(await callers.runAs({ tenant: 'north' }, () => read('ada', 'cart'))).toBe(6);
      expect(await readTwin('ada', 'cart')).toBe(7);
    },
  },
  {
    id: 'H8',
    title: 'forgets everything of one tenant, its users included',
    cached: { scope: 'user' },
    async run({ read, caching, callers }) {
      const as = (tenant: string, user: string) => callers.runAs({ tenant, user }, () => read('cart'));
      await as('north', 'ada');
      await as('north', 'bob');
      await as('south', 'ada');
      await caching.evictTenant('north');

      expect([await as('south', 'ada'), await as('north', 'ada'), await as('north', 'bob')]).toEqual([3, 4, 5]);
    },
  },
  {
    id: 'H8',
    title: 'keeps nothing of a user whose data was loading while it was forgotten',
    cached: BY_ARGUMENT,
    async run({ read, origin, caching }) {
      const gate = new Deferred<string>();
      origin.answer = () => gate.promise;
      const loading = read('ada');
      await origin.reached(1);
      await caching.evictUser('ada');
      gate.resolve('before');
      expect(await loading).toBe('before');

      origin.answer = async () => 'after';
      expect(await read('ada')).toBe('after');
    },
  },
];

/** Two callers meet in one load that answers with the caller's own data, under a key that both share. */
async function personalLoadUnderSharedKey({ read, origin, callers, happened }: Subject): Promise<void> {
  const gate = new Deferred();
  origin.answer = async () => {
    const caller = callers.current();
    await gate.promise;
    return `${String(caller?.user)}'s orders`;
  };
  const ada = callers.runAs({ user: 'ada' }, () => read('orders'));
  await origin.reached(1);
  const bob = callers.runAs({ user: 'bob' }, () => read('orders'));
  await happened('load-joined');
  gate.resolve();

  expect(await Promise.all([ada, bob])).toEqual(["ada's orders", "bob's orders"]);
  expect(await callers.runAs({ user: 'eve' }, () => read('orders'))).toBe("eve's orders");
  expect(origin.loads).toHaveLength(3);
}
