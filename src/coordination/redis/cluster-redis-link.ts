import { ErrorReply } from '@redis/client';
import { StoreUnavailableError } from '../../resilience/deadline.js';
import { ClusterNodes, type ClusterSource } from './cluster-nodes.js';
import { boundedOptions } from './connection-options.js';
import { withoutError } from './error-reply.js';
import { RedisLink, type Answer, type ClockProbe, type RedisEndpoint } from './redis-link.js';
import type { RedisNode } from './redis-node.js';
import type { LinkSettings } from './standalone-redis-link.js';

/** A node says where a key is now: for good, or for this once while its slot is on the way. It has not executed anything. */
const ELSEWHERE = /^(MOVED|ASK) \d+ (\S+)/;

/**
 * The masters of a Redis Cluster, each over a connection of its own with its own epoch, deadline and breaker: a node that
 * hangs costs only its keys.
 *
 * A cluster replicates without waiting: a failover may lose the last writes. The node that takes over has another epoch, so
 * versions written before count as missing.
 */
export class ClusterRedisLink extends RedisLink {
  private readonly nodes: ClusterNodes;
  private readonly probeListeners = new Set<(probe: ClockProbe) => void>();
  private readonly lossListeners = new Set<() => void>();

  constructor(
    source: ClusterSource,
    private readonly settings: LinkSettings,
  ) {
    super();
    const onLost = () => {
      for (const listener of this.lossListeners) listener();
    };
    const onProbe = (probe: ClockProbe) => {
      for (const listener of this.probeListeners) listener(probe);
    };
    this.nodes = new ClusterNodes(source, { ...settings, readsInOneCommand: false }, { onProbe, onLost }, onLost);
  }

  /** Connects in the background. @returns whether a node could be reached within `withinMs` */
  async open(withinMs: number): Promise<boolean> {
    await this.nodes.open();
    const reached = await Promise.all(this.nodes.all.map((node) => node.isReached(withinMs)));

    return reached.some(Boolean);
  }

  override async get(key: string): Promise<Answer<string | undefined>> {
    try {
      return await this.ownerOf(key, 'read').get(key);
    } catch (error) {
      if (!(error instanceof ErrorReply)) throw error;
      const { value, epoch } = await this.elsewhere(error, ['GET', key]);

      return { value: typeof value === 'string' ? value : undefined, epoch };
    }
  }

  override getAll(keys: readonly string[]): Promise<readonly Answer<string | undefined>[]> {
    return Promise.all(keys.map((key) => this.get(key)));
  }

  override async send(key: string, command: readonly string[]): Promise<Answer<unknown>> {
    const node = this.ownerOf(key, command[0] ?? '');
    const answer = await node.exchange(command);
    if (!(answer.value instanceof ErrorReply)) return answer;

    return this.elsewhere(answer.value, command);
  }

  override epochOf(key: string): string | undefined {
    return this.nodes.ownerOf(key)?.epoch;
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
    return this.nodes.all.map(({ name, options }) => ({
      node: name,
      clientOptions: { ...boundedOptions(options, this.settings) },
    }));
  }

  override drop(key?: string): void {
    const owner = key === undefined ? undefined : this.nodes.ownerOf(key);
    for (const node of owner === undefined ? this.nodes.all : [owner]) {
      node.drop(new Error('was not trusted any more'));
    }
  }

  override async close(): Promise<void> {
    await this.nodes.close(this.settings.deadlineMs);
  }

  private ownerOf(key: string, operation: string): RedisNode {
    const node = this.nodes.ownerOf(key);
    if (node === undefined)
      throw new StoreUnavailableError(`${operation} to a Redis Cluster`, 'has no node for the key');

    return node;
  }

  /** Asks where the reply says, if it says that; once, for a cluster that sends us on and on is not settled. */
  private async elsewhere(reply: ErrorReply, command: readonly string[]): Promise<Answer<unknown>> {
    const [, kind, address = ''] = ELSEWHERE.exec(reply.message) ?? [];
    if (kind === 'MOVED') void this.nodes.look();
    const node = this.nodes.at(address);
    const operation = `${command[0] ?? ''} to ${node?.describedAs ?? 'a Redis Cluster'}`;
    if (kind === undefined) return withoutError(operation, { value: reply, epoch: '' });
    if (node === undefined)
      throw new StoreUnavailableError(operation, 'has moved the key to a node that is not known yet');

    const answer = await (kind === 'ASK' ? node.exchange(['ASKING'], command) : node.exchange(command));

    return withoutError(operation, answer);
  }
}
