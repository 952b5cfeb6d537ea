import KeyvRedis from '@keyv/redis';
import { keyvStore } from 'nestjs-consistent-cache';
import { redisStore } from 'nestjs-consistent-cache/redis';
import type { RedisServer } from '../support/redis-server.js';
import { FORGETTING, UNANNOUNCED } from './behavioural-case.js';
import type { StoreUnderTest } from './stores.js';

let namespaces = 0;

/** Applications that share no key, instead of a Redis that is emptied between them. */
const apart = () => ({ namespace: `cases-${(namespaces += 1)}`, subjectSecret: 'a secret of the tests' });

/** A Redis that is asked for every value, or one whose entries are also kept in the process. */
export function redisUnderTest(server: () => RedisServer, { copies }: { readonly copies: boolean }): StoreUnderTest {
  return {
    name: copies ? 'a Redis, with copies' : 'a Redis',
    options: () => ({ ...apart(), sharedStore: redisStore({ url: server().url }), copies }),
  };
}

/** The same Redis as any Keyv: without announcements, and with what expires by itself alone. */
export function redisBehindKeyv(
  server: () => RedisServer,
  opened: (adapter: KeyvRedis<string>) => void,
): StoreUnderTest {
  return {
    name: 'a Redis behind Keyv',
    levels: UNANNOUNCED.filter((level) => FORGETTING.includes(level)),
    options: () => {
      const adapter = new KeyvRedis<string>(server().url);
      opened(adapter);

      return {
        ...apart(),
        sharedStore: keyvStore({ stores: [adapter], maxClockSkew: 0, neverRestored: 'only in this test' }),
      };
    },
  };
}
