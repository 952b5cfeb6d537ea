import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { clientsOf } from '../support/redis-figures.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedis } from '../support/redis-server.js';
import type { RedisServer } from '../support/redis-server.js';
import { withinMs } from '../support/within.js';
import { Instance, newOrigins } from './instances.js';
import type { Level } from './behavioural-case.js';

/** Starts an application, and says why it does not start. */
async function refusalOf(
  url: string,
  levels: readonly Level[] = ['bounded'],
): Promise<Error & Record<string, unknown>> {
  const started = await Instance.start(newOrigins(), {
    levels,
    sharedStore: redisStore({ url, connectTimeout: '1s' }),
  }).catch((error: unknown) => error);
  if (!(started instanceof Instance)) return started as Error & Record<string, unknown>;
  await started.close();
  throw new Error('the application started');
}

describe('an application does not start', () => {
  it('where nothing listens, and says so without the password', async () => {
    const refusal = await refusalOf('redis://:s3cret@127.0.0.1:1');

    expect(refusal).toMatchObject({ code: 'STORE_REFUSED', what: 'It cannot be reached: ECONNREFUSED' });
    expect(refusal.message).toContain('127.0.0.1:1');
    expect(refusal.message).not.toContain('s3cret');
  });

  it('where nobody knows the host', async () => {
    expect(await refusalOf('redis://nowhere.invalid')).toMatchObject({
      code: 'STORE_REFUSED',
      what: expect.stringMatching(/cannot be reached/) as unknown,
    });
  });

  it('on a Redis that is too old', async () => {
    const info = 'redis_version:5.0.14\r\nrole:master\r\n';
    const old = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        const commands = chunk.toString().split(/(?=\*\d+\r\n)/);
        for (const command of commands) {
          socket.write(/\r\nINFO\r\n/i.test(command) ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n');
        }
      });
    });
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    const refusal = await refusalOf(`redis://127.0.0.1:${(old.address() as AddressInfo).port}`);
    old.close();

    expect(refusal).toMatchObject({ code: 'STORE_REFUSED', what: 'It is version 5.0.14', fix: 'Use 6.0 or later' });
  });
});

describeWithRedis('an application over a Redis that it cannot use', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis({ password: 'right' });
  });
  afterAll(() => server.stop());

  it.each([
    ['a wrong password', ':wrong@', 'It refuses the user or the password'],
    ['no password', '', 'It asks for a password'],
  ])('does not start with %s, and leaves no connection', async (_, login, what) => {
    const refusal = await refusalOf(`redis://${login}127.0.0.1:${server.port}`);

    expect(refusal).toMatchObject({ code: 'STORE_REFUSED', what });
    expect(refusal.message).not.toContain('wrong');
    await withinMs(1_000, async () => (await clientsOf(server)) === 1);
  });

  it('does not start where a level needs what it would drop, names the level, and leaves no connection', async () => {
    await server.command('CONFIG', 'SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru');
    const refusal = await refusalOf(server.url, ['linearizable']);
    await server.command('CONFIG', 'SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction');

    expect(refusal).toMatchObject({ code: 'AUDIT_FAILED' });
    expect(refusal.message).toContain('linearizable needs');
    expect(refusal.message).toContain('allkeys-lru');
    await withinMs(1_000, async () => (await clientsOf(server)) === 1);
  });
});
