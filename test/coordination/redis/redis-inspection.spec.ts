import { createClient, createCluster } from '@redis/client';
import KeyvRedis, { createKeyv } from '@keyv/redis';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { StoreRefusedError } from '../../../src/coordination/coordination.errors.js';
import { capabilitiesOf, inspectRedis } from '../../../src/coordination/redis/redis-inspection.js';
import { sourceOfClient, sourceOfUrls } from '../../../src/coordination/redis/redis-source.js';
import { optionsOfUrl } from '../../../src/coordination/redis/redis-url.js';
import { readServerFacts } from '../../../src/coordination/redis/server-facts.js';
import { describeWithRedis } from '../../support/describe-with-redis.js';
import { startRedis, type RedisServer } from '../../support/redis-server.js';

const PASSWORD = 'p@ss/word';

describe('the url of a Redis', () => {
  it('says where, who, which database, and whether it is encrypted', () => {
    expect(optionsOfUrl('rediss://some:p%40ss%2Fword@cache.example:7000/2')).toEqual({
      socket: { host: 'cache.example', port: 7000, tls: true },
      username: 'some',
      password: PASSWORD,
      database: 2,
    });
    expect(optionsOfUrl('redis://[::1]')).toEqual({ socket: { host: '::1', port: 6379 } });
  });

  it.each(['http://:secret@cache', 'secret@cache', '', undefined, 'redis://:secret@cache/abc'])('is not %p', (url) => {
    expect(() => optionsOfUrl(url)).toThrow(StoreRefusedError);
    expect(messageOf(() => optionsOfUrl(url))).not.toContain('secret');
  });
});

describe("somebody's client", () => {
  // The library writes into the options that it is given.
  const login = () => ({ socket: { host: 'cache', port: 7000 }, password: PASSWORD });

  it.each([
    ['a client', createClient(login())],
    ['a store of Keyv', new KeyvRedis(createClient(login()) as never)],
    ['a Keyv', createKeyv(login())],
    ['a client made from a url', createClient({ url: 'redis://:p%40ss%2Fword@cache:7000' })],
  ])('says where it leads: %s', (_, client) => {
    expect(sourceOfClient(client)).toMatchObject({ kind: 'single', options: login() });
  });

  it('says which cluster it leads to', () => {
    const cluster = createCluster({
      rootNodes: [{ url: 'redis://cache:7000' }, { socket: { host: 'cache', port: 7001 } }],
      defaults: { password: PASSWORD },
      nodeAddressMap: { '10.0.0.1:7000': { host: 'cache', port: 7000 } },
    });
    const source = sourceOfClient(new KeyvRedis(cluster));

    expect(source).toMatchObject({
      kind: 'cluster',
      roots: [
        { socket: { host: 'cache', port: 7000 }, password: PASSWORD },
        { socket: { host: 'cache', port: 7001 }, password: PASSWORD },
      ],
    });
    expect(source.kind === 'cluster' && source.addressOf('10.0.0.1:7000')).toEqual({ host: 'cache', port: 7000 });
    expect(sourceOfUrls(['redis://cache:7000'])).toMatchObject({
      kind: 'cluster',
      roots: [{ socket: { port: 7000 } }],
    });
  });

  it.each([[undefined], [{}], [new Map()], [{ store: new Map() }]])('is not %p', (client) => {
    expect(() => sourceOfClient(client)).toThrow(StoreRefusedError);
  });
});

describe('what a Redis may be trusted with', () => {
  const facts = (...lines: string[]) => readServerFacts(['# Server', ...lines, ''].join('\r\n'));
  const RUN_ID = 'run_id:0123456789abcdef0123456789abcdef01234567';

  it('is everything, as it is set up by default', () => {
    const { has, missingBecause } = capabilitiesOf('Redis at cache:6379', facts(RUN_ID, 'maxmemory:0'));

    expect([...has]).toEqual(['sharedVersions', 'knownEpoch', 'intents', 'tickets']);
    expect(missingBecause).toEqual({});
  });

  it.each([
    ['100', 'allkeys-lru', false],
    ['100', 'allkeys-random', false],
    ['0', 'allkeys-lru', true],
    ['100', 'volatile-lru', true],
    ['100', 'noeviction', true],
  ])('with maxmemory %s and %s includes announcements: %p', (maxmemory, policy, included) => {
    const { has, missingBecause } = capabilitiesOf(
      'Redis at cache:6379',
      facts(RUN_ID, `maxmemory:${maxmemory}`, `maxmemory_policy:${policy}`),
    );

    expect(has.has('intents')).toBe(included);
    expect(missingBecause.intents).toBe(
      included ? undefined : `maxmemory-policy is ${policy}, which may drop an announcement`,
    );
  });

  it('is less when it does not say which process it is', () => {
    expect([...capabilitiesOf('Redis at cache:6379', facts('redis_version:7.0.0')).has]).not.toContain('knownEpoch');
    expect([...capabilitiesOf('Redis at cache:6379', undefined).has]).toEqual(['sharedVersions', 'tickets']);
  });
});

describeWithRedis('a Redis that is inspected', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis({ password: PASSWORD });
  });
  afterAll(() => server.stop());

  it('says what it is', async () => {
    const { capabilities, tellsEpoch } = await inspect({ password: PASSWORD });

    expect(tellsEpoch).toBe(true);
    expect(capabilities.describedAs).toMatch(
      new RegExp(`^Redis \\d+\\.\\d+\\.\\d+ at 127\\.0\\.0\\.1:${server.port}$`),
    );
  });

  it.each([
    ['no password', {}, 'It asks for a password'],
    ['a wrong password', { password: 'wrong' }, 'It refuses the user or the password'],
    ['an unknown user', { username: 'nobody', password: PASSWORD }, 'It refuses the user or the password'],
    [
      'a database that it does not have',
      { password: PASSWORD, database: 99 },
      'It answers ERR DB index is out of range',
    ],
  ])('is refused with %s', async (_, login, what) => {
    const refusal = await refusalOf(inspect(login));

    expect(refusal).toMatchObject({ code: 'STORE_REFUSED', what, where: `Redis at 127.0.0.1:${server.port}` });
    expect(refusal.message).not.toMatch(/wrong\b.*wrong|p@ss/);
  });

  it('is refused with a password that it does not know of', async () => {
    const open = await startRedis();
    const refusal = await refusalOf(inspectRedis('single', { ...optionsOfUrl(open.url), password: PASSWORD }, 1000));
    await open.stop();

    expect(refusal.what).toBe('It knows of no password, but one was given');
  });

  it('promises less to a user who may not ask for INFO', async () => {
    await server.command('ACL', 'SETUSER', 'some', 'on', '>secret', '~*', '+@all', '-info');
    const { capabilities, tellsEpoch } = await inspect({ username: 'some', password: 'secret' });

    expect(tellsEpoch).toBe(false);
    expect(capabilities.missingBecause.knownEpoch).toBe('the user may not ask for INFO, so a restart would not show');
  });

  it('is refused as a replica, as a node of a cluster, and as a cluster that it is not', async () => {
    const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(server.port)] });
    const node = await startRedis({ args: ['--cluster-enabled', 'yes'] });

    expect((await refusalOf(inspectRedis('single', optionsOfUrl(replica.url), 1000))).what).toContain('a replica');
    expect((await refusalOf(inspectRedis('single', optionsOfUrl(node.url), 1000))).what).toBe(
      'It is a node of a cluster',
    );
    const single = { ...optionsOfUrl(server.url), password: PASSWORD };
    expect((await refusalOf(inspectRedis('cluster', single, 1000))).what).toBe('It belongs to no cluster');
    await Promise.all([replica.stop(), node.stop()]);
  });

  it('is refused in time when it hangs', async () => {
    await server.pause();
    const started = performance.now();
    const refusal = await refusalOf(inspect({ password: PASSWORD }, 300));
    await server.resume();

    expect(refusal.what).toBe('It cannot be reached: no answer in time');
    expect(performance.now() - started).toBeLessThan(600);
  });

  function inspect(login: object, withinMs = 2000): ReturnType<typeof inspectRedis> {
    return inspectRedis('single', { socket: { host: '127.0.0.1', port: server.port }, ...login }, withinMs);
  }
});

describe('an address', () => {
  it.each([
    ['nobody listens', 'redis://127.0.0.1:1', 'ECONNREFUSED'],
    ['nobody knows', 'redis://no-such-host.invalid:6379', 'E(NOTFOUND|AI_AGAIN)'],
  ])('is refused where %s', async (_, url, code) => {
    const refusal = await refusalOf(inspectRedis('single', optionsOfUrl(url), 3000));

    expect(refusal.what).toMatch(new RegExp(`^It cannot be reached: ${code}$`));
  });

  it('is refused where something old answers', async () => {
    const old = await fakeRedis('redis_version:5.0.14\r\nrole:master\r\n');
    const refusal = await refusalOf(inspectRedis('single', optionsOfUrl(old.url), 1000));
    old.server.close();

    expect(refusal).toMatchObject({ what: 'It is version 5.0.14', fix: 'Use 6.0 or later' });
  });

  it('is refused without the password that something very old repeats', async () => {
    const old = await fakeRedis('', `-ERR unknown command 'AUTH', with args beginning with: '${PASSWORD}'`);
    const refusal = await refusalOf(inspectRedis('single', { ...optionsOfUrl(old.url), password: PASSWORD }, 1000));
    old.server.close();

    expect(refusal.what).toBe('It does not know a command of Redis');
    expect(`${refusal.message} ${String(refusal.cause)}`).not.toContain(PASSWORD);
  });

  it('is refused where something else answers', async () => {
    const server = createServer((socket) =>
      socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;

    expect((await refusalOf(inspectRedis('single', optionsOfUrl(url), 1000))).code).toBe('STORE_REFUSED');
    server.close();
  });
});

/** Answers INFO and AUTH with what it is told, and every other command with OK. */
async function fakeRedis(info: string, auth = '+OK'): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      for (const command of data.toString().split(/^\*/m).slice(1)) {
        if (command.includes('AUTH\r\n')) socket.write(`${auth}\r\n`);
        else if (command.includes('$4\r\nINFO\r\n')) socket.write(`$${info.length}\r\n${info}\r\n`);
        else socket.write('+OK\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function refusalOf(inspection: Promise<unknown>): Promise<StoreRefusedError> {
  const outcome = await inspection.catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(StoreRefusedError);

  return outcome as StoreRefusedError;
}

function messageOf(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    return `${String(error)} ${String((error as Error).cause)}`;
  }
}
