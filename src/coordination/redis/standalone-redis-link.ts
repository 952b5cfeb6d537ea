import { boundedOptions, type ConnectionOptions } from './connection-options.js';
import { withoutError } from './error-reply.js';
import { RedisLink, type Answer, type ClockProbe, type RedisEndpoint } from './redis-link.js';
import { RedisNode, type NodeSettings } from './redis-node.js';

/** What the link to one Redis is made of; `NodeSettings` without what only a cluster decides. */
export type LinkSettings = Omit<NodeSettings, 'readsInOneCommand'>;

/** One Redis server, over one connection. */
export class StandaloneRedisLink extends RedisLink {
  private readonly node: RedisNode;
  private readonly probeListeners = new Set<(probe: ClockProbe) => void>();
  private readonly lossListeners = new Set<() => void>();

  constructor(
    private readonly options: ConnectionOptions,
    private readonly settings: LinkSettings,
  ) {
    super();
    this.node = new RedisNode(
      options,
      { ...settings, readsInOneCommand: true },
      {
        onProbe: (probe) => {
          for (const listener of this.probeListeners) listener(probe);
        },
        onLost: () => {
          for (const listener of this.lossListeners) listener();
        },
      },
    );
  }

  /** Connects in the background. @returns whether the server could be reached within `withinMs` */
  async open(withinMs: number): Promise<boolean> {
    this.node.open();

    return this.node.isReached(withinMs);
  }

  override get(key: string): Promise<Answer<string | undefined>> {
    return this.node.get(key);
  }

  override getAll(keys: readonly string[]): Promise<readonly Answer<string | undefined>[]> {
    return this.node.getAll(keys);
  }

  override async send(_key: string, command: readonly string[]): Promise<Answer<unknown>> {
    const answer = await this.node.exchange(command);

    return withoutError(`${command[0] ?? ''} to ${this.node.describedAs}`, answer);
  }

  override epochOf(): string | undefined {
    return this.node.epoch;
  }

  override onProbe(listener: (probe: ClockProbe) => void): () => void {
    this.probeListeners.add(listener);

    return () => this.probeListeners.delete(listener);
  }

  override onLost(listener: () => void): () => void {
    this.lossListeners.add(listener);

    return () => this.lossListeners.delete(listener);
  }

  override endpoints(): readonly RedisEndpoint[] {
    return [{ node: this.node.name, clientOptions: { ...boundedOptions(this.options, this.settings) } }];
  }

  override drop(): void {
    this.node.drop(new Error('was not trusted any more'));
  }

  override async close(): Promise<void> {
    await this.node.close(this.settings.deadlineMs);
  }
}
