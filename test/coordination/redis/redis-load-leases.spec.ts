import { expect, it } from '@jest/globals';
import { RedisLoadLeases } from '../../../src/coordination/redis/redis-load-leases.js';
import { ScriptedLink } from './scripted-link.js';

it('gives a lease to everybody while the store fails', async () => {
  const link = new ScriptedLink();
  link.epoch = undefined;
  const leases = new RedisLoadLeases(link, 'shop');

  const given = await Promise.all([leases.acquire('a'), leases.acquire('a')]);
  expect(given).not.toContain(undefined);
  for (const lease of given) lease?.release();
});

it('takes back a lease that the store may have given too late', async () => {
  const link = new ScriptedLink();
  link.reply = () => {
    throw new Error('did not answer in time');
  };

  (await new RedisLoadLeases(link, 'shop').acquire('a'))?.release();

  const [set, release] = link.sent;
  expect(release?.slice(3)).toEqual([set?.[1], set?.[2]]);
});
