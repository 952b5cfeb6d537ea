import { compileTree } from '../../scripts/compile-tree.mjs';
import { CountingOrigin } from './counting-origin.js';
import { startNodeProgram, type NodeProgram } from './node-program.js';
import type { CacheName, CrowdOrder, ProcessFigures, TrafficOrder } from './origin-process.js';
import { startRedis, type RedisServer } from './redis-server.js';
import type { CallerTally, TrafficReport } from './traffic.js';

/** Several processes of one application over one Redis, and the origin that all of them ask. */
export interface OriginProcesses {
  readonly processes: readonly OriginProcess[];
  readonly origin: CountingOrigin;
  readonly redis: RedisServer;
  close(): Promise<void>;
}

/** Opens them. They end with this process, however it ends. */
export async function openProcesses(count: number): Promise<OriginProcesses> {
  const [tree, redis, origin] = await Promise.all([compileTree('tests'), startRedis(), CountingOrigin.start()]);
  const file = tree.pathOf('test/support/origin-process.ts');
  const started = await Promise.allSettled(
    Array.from({ length: count }, () => startNodeProgram(file, { REDIS_URL: redis.url, ORIGIN_URL: origin.url })),
  );
  const programs = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const close = async (): Promise<void> => {
    await Promise.all(programs.map((program) => program.kill()));
    await Promise.all([redis.stop(), origin.stop()]);
    tree.remove();
  };
  const failure = started.find((each) => each.status === 'rejected');
  if (failure === undefined) {
    return { processes: programs.map((program) => new OriginProcess(program)), origin, redis, close };
  }

  await close();
  throw failure.reason;
}

/** One of them. */
export class OriginProcess {
  constructor(readonly program: NodeProgram) {}

  crowd(order: CrowdOrder): Promise<CallerTally> {
    return this.post('/crowds', order);
  }

  /** Writes at the origin, and evicts. */
  change(key: string): Promise<void> {
    return this.post(`/changes/${key}`, {});
  }

  beginTraffic(order: TrafficOrder): Promise<void> {
    return this.post('/traffic', order);
  }

  endTraffic(): Promise<TrafficReport> {
    return this.post('/traffic/end', {});
  }

  async missesOf(cache: CacheName): Promise<number> {
    const response = await fetch(`${this.program.url}/figures`);

    return ((await response.json()) as ProcessFigures)[cache]?.miss ?? 0;
  }

  private async post<Answer>(path: string, body: object): Promise<Answer> {
    const response = await fetch(`${this.program.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);

    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }
}
