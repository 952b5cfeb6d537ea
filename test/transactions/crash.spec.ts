import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { compileTree, type CompiledTree } from '../../scripts/compile-tree.mjs';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { withinMs } from '../support/within.js';
import { CRASH_POINTS, type CrashPoint, type GatePoint, type Level } from './crash/crash-point.js';
import { CrashProcess } from './crash/crash-process.js';
import { NumbersTable } from './numbers-table.js';
import { databaseUrl } from './rows.js';

// What was announced stays so for ten seconds, and so does the doubt in a Redis that has just started.
const LEASE_MS = 10_000;
const TTL_MS = 15_000;
jest.setTimeout(120_000);

const GATE_OF: Readonly<Record<CrashPoint, GatePoint>> = {
  'before-body': 'before-body',
  'in-body': 'in-body',
  'after-commit': 'after-commit',
  'eviction-lost': 'after-commit',
  'eviction-unconfirmed': 'after-commit',
};

/** What another process was shown of the number that was being written when the writer died. */
interface Aftermath {
  readonly committed: number;
  readonly strongAtOnce: number;
  readonly strongAfterTtl: number;
  /** Over more than a lease. */
  readonly linearizable: ReadonlySet<number>;
  readonly isCachedAgain: boolean;
}

describeWithRedis('A writer that dies in a transaction', () => {
  const aftermaths = new Map<CrashPoint, Aftermath>();
  let table: NumbersTable;
  let redis: RedisServer;
  let tree: CompiledTree;
  let proxies: readonly TcpProxy[] = [];
  const processes: CrashProcess[] = [];

  beforeAll(async () => {
    table = new NumbersTable();
    [redis, tree] = await Promise.all([startRedis(), compileTree('tests')]);
    await table.create();
    proxies = await Promise.all(CRASH_POINTS.map(() => startTcpProxy(redis.port)));
    const start = async (redisPort: number): Promise<CrashProcess> => {
      const settings = { databaseUrl: databaseUrl(), redisUrl: `redis://127.0.0.1:${redisPort}`, ttlMs: TTL_MS };
      const started = await CrashProcess.start(tree.pathOf('test/transactions/crash/main.ts'), settings);
      processes.push(started);
      return started;
    };
    const reader = await start(redis.port);
    const stages = await Promise.all(
      CRASH_POINTS.map(async (point, index) => {
        const proxy = proxies[index];
        if (proxy === undefined) throw new Error('there is a proxy for each');
        return { point, proxy, writer: await start(proxy.port) };
      }),
    );
    await Promise.all(stages.map(async (stage) => aftermaths.set(stage.point, await crash(stage, reader, table))));
  });
  afterAll(async () => {
    await Promise.all(processes.map((each) => each.kill()));
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    await Promise.all([redis.stop(), table.close()]);
    tree.remove();
  });

  const after = (point: CrashPoint): Aftermath => {
    const found = aftermaths.get(point);
    if (found === undefined) throw new Error(`nothing is known of ${point}`);
    return found;
  };

  it.each(['before-body', 'in-body'] as const)('%s has written nothing, and outdated nothing for good', (point) => {
    expect(after(point)).toEqual({
      committed: 0,
      strongAtOnce: 0,
      strongAfterTtl: 0,
      linearizable: new Set([0]),
      isCachedAgain: true,
    });
  });

  it.each(['after-commit', 'eviction-lost'] as const)(
    '%s leaves a strong cache with the old value, of a write that was never acknowledged, until its ttl',
    (point) => {
      expect(after(point)).toMatchObject({ committed: 1, strongAtOnce: 0, strongAfterTtl: 1 });
    },
  );

  it('eviction-unconfirmed has outdated it, although the writer never knew', () => {
    expect(after('eviction-unconfirmed')).toMatchObject({ committed: 1, strongAtOnce: 1, strongAfterTtl: 1 });
  });

  it.each(['after-commit', 'eviction-lost', 'eviction-unconfirmed'] as const)(
    '%s never leaves a linearizable cache with the old value',
    (point) => {
      expect(after(point)).toMatchObject({ linearizable: new Set([1]), isCachedAgain: true });
    },
  );
});

interface CrashStage {
  readonly point: CrashPoint;
  readonly proxy: TcpProxy;
  readonly writer: CrashProcess;
}

/** Writes one number under each level, ends the writer at the point, and looks at what the reader is shown. */
async function crash(
  { point, proxy, writer }: CrashStage,
  reader: CrashProcess,
  table: NumbersTable,
): Promise<Aftermath> {
  const idOf = (level: Level): string => `${level}:${point}`;
  const write = (level: Level): Promise<void> => writer.writeUntil(GATE_OF[point], level, idOf(level));
  const isStored = async (level: Level): Promise<boolean> => (await reader.read(level, idOf(level))).isHit;
  const valueOf = async (level: Level): Promise<number> => (await reader.read(level, idOf(level))).value;
  await table.add(idOf('strong'), idOf('linearizable'));
  await withinMs(LEASE_MS + 5_000, () => isStored('linearizable'));
  await withinMs(5_000, () => isStored('strong'));
  await Promise.all([write('strong'), write('linearizable')]);

  if (point === 'eviction-lost') proxy.halfOpen();
  if (point === 'eviction-unconfirmed') proxy.loseReplies();
  if (point.startsWith('eviction')) await writer.release();
  if (point === 'eviction-unconfirmed') await withinMs(2_000, async () => (await valueOf('strong')) === 1);
  const endMs = performance.now() + LEASE_MS + 2_000;
  await writer.kill();
  proxy.cut();

  const strongAtOnce = await valueOf('strong');
  const committed = await table.valueOf(idOf('linearizable'));
  const linearizable = new Set<number>();
  while (performance.now() < endMs) {
    linearizable.add(await valueOf('linearizable'));
    await sleep(50);
  }
  const isCachedAgain = await isStored('linearizable');
  await withinMs(TTL_MS, async () => (await valueOf('strong')) === committed);

  return { committed, strongAtOnce, strongAfterTtl: await valueOf('strong'), linearizable, isCachedAgain };
}
