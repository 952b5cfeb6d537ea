import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres, type PostgresServer } from '../../../support/postgres-server.js';
import { startRedis, type RedisServer } from '../../../support/redis-server.js';
import { startTcpProxy, type TcpProxy } from '../../../support/tcp-proxy.js';
import type { ActPlan, Answered, Asked, InstanceSettings, RequestName } from '../application/instance-requests.js';
import type { CacheName } from '../caches.js';
import type { Random } from '../random.js';
import { HarnessDatabase } from './database.js';
import { InstanceProcess } from './instance-process.js';
import type { Stage } from './stage.js';

export interface TheatreOptions {
  readonly instances: number;
  readonly seed: number;
  readonly peer: InstanceSettings['peer'];
}

/** What all instances do in an act. */
type CommonPlan = Pick<ActPlan, 'act' | 'loads'>;

/** One PostgreSQL, one Redis, and instances that each reach Redis over a road of their own. They end with this process. */
export class Theatre {
  readonly folder = mkdtempSync(join(tmpdir(), 'harness-'));
  readonly instances: InstanceProcess[] = [];
  private incarnations = 0;
  private plan: CommonPlan | undefined;
  /** Of instances that were replaced. */
  private readonly earlierCrashes: string[] = [];

  private constructor(
    private readonly options: TheatreOptions,
    private readonly postgres: PostgresServer,
    readonly redis: RedisServer,
    readonly proxies: readonly TcpProxy[],
    readonly database: HarnessDatabase,
  ) {}

  static async open(options: TheatreOptions): Promise<Theatre> {
    const [postgres, redis] = await Promise.all([
      startPostgres(),
      // A volatile policy drops what ends by itself first, which is what docs/guides/redis.md asks for.
      startRedis({ args: ['--maxmemory-policy', 'volatile-lru'] }),
    ]);
    const proxies = await Promise.all(Array.from({ length: options.instances }, () => startTcpProxy(redis.port)));
    const theatre = new Theatre(options, postgres, redis, proxies, new HarnessDatabase(postgres.url));
    try {
      await theatre.database.prepare();
      theatre.instances.push(...(await Promise.all(proxies.map((_, place) => theatre.start(place)))));
    } catch (error) {
      await theatre.close();
      throw error;
    }

    return theatre;
  }

  /** Every instance begins to read and write, and so does whoever takes the place of one of them. */
  async begin(plan: CommonPlan): Promise<void> {
    this.plan = plan;
    await Promise.all(this.instances.map((instance) => this.instruct(instance, plan)));
  }

  async askAll<Name extends RequestName>(name: Name, asked: Asked<Name>): Promise<readonly Answered<Name>[]> {
    return Promise.all(this.instances.map((instance) => instance.ask(name, asked)));
  }

  stage(random: Random, writtenCaches: readonly CacheName[]): Stage {
    return {
      random,
      writtenCaches,
      redis: this.redis,
      proxies: this.proxies,
      instances: () => this.instances,
      replace: (instance, downForMs) => this.replace(instance, downForMs),
    };
  }

  async replaceCrashed(): Promise<void> {
    const crashed = this.instances.filter(({ crash }) => crash !== undefined);
    await Promise.all(crashed.map((instance) => this.replace(instance, 0)));
  }

  async replace(instance: InstanceProcess, downForMs: number): Promise<void> {
    const place = this.instances.indexOf(instance);
    this.noteCrash(instance);
    await instance.kill();
    await sleep(downForMs);
    const next = await this.start(place);
    if (this.plan !== undefined) await this.instruct(next, this.plan);
    this.instances[place] = next;
  }

  /** The instances that ended although nobody had asked them to. */
  crashes(): readonly string[] {
    return [...this.earlierCrashes, ...this.instances.flatMap(({ crash }) => (crash === undefined ? [] : [crash]))];
  }

  historyFile(act: number, by: string): string {
    return join(this.folder, `${act}-${by}.tsv`);
  }

  async close(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.kill()));
    await this.database.close();
    await Promise.all([...this.proxies.map((proxy) => proxy.stop()), this.redis.stop(), this.postgres.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async instruct(instance: InstanceProcess, plan: CommonPlan): Promise<void> {
    const history = this.historyFile(plan.act, instance.name);
    await instance.ask('begin', { ...plan, history, seed: instance.settings.seed + plan.act });
  }

  private start(place: number): Promise<InstanceProcess> {
    this.incarnations += 1;

    return InstanceProcess.start({
      name: `${String.fromCharCode(97 + place)}${this.incarnations}`,
      seed: this.options.seed * 1_000 + this.incarnations,
      databaseUrl: this.postgres.url,
      redisUrl: `redis://127.0.0.1:${this.proxies[place]?.port ?? 0}`,
      // One of several keeps no copies, so that both ways to a hit are taken.
      copies: place < this.options.instances - 1 || this.options.instances === 1,
      peer: this.options.peer,
    });
  }

  private noteCrash({ crash }: InstanceProcess): void {
    if (crash !== undefined) this.earlierCrashes.push(crash);
  }
}
