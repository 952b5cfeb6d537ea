import type { ManualClock } from 'nestjs-consistent-cache/testing';
import { InvalidationFeed } from '../../../../../src/coordination/invalidation-feed.js';
import type { WatchedSnapshot } from '../../../../../src/coordination/invalidation-feed.js';
import { versionKey, versionPrefix } from '../../../../../src/coordination/redis/redis-keys.js';
import { WatchedCells } from '../../../../../src/coordination/watched-cells.js';
import type { VersionSnapshot } from '../../../../../src/entry/version-snapshot.js';
import type { Gate } from '../slow-stores.js';
import type { RedisInMemory } from './redis-in-memory.js';

export const PROOF_MS = 1_000;

/** What comes over the connection that is listened to, in its order. */
type Message = { readonly changed: string } | { readonly provenAtMs: number };

/** What is told of writes to versions over one more connection, of which each message is a step of the schedule. */
export class ScheduledFeed extends InvalidationFeed {
  override readonly proofMs = PROOF_MS;
  readonly cells: WatchedCells;
  private messages: Message[] = [];
  private provenAtMs = -Infinity;
  private listens = true;

  constructor(
    server: RedisInMemory,
    private readonly clock: ManualClock,
    namespace: string,
    private readonly gate: Gate,
  ) {
    super();
    this.cells = new WatchedCells((tag) => versionKey(namespace, tag), 100);
    this.cells.startListening();
    this.provenAtMs = clock.nowMs();
    server.onWrite((key) => {
      if (this.listens && key.startsWith(versionPrefix(namespace))) this.arrives({ changed: key });
    });
  }

  override isProven(): boolean {
    return this.clock.nowMs() - this.provenAtMs <= this.proofMs;
  }

  override watch(snapshot: VersionSnapshot): WatchedSnapshot | undefined {
    return this.cells.watch(snapshot);
  }

  /** Asks for a proof; its answer stands behind everything that was acknowledged until now. */
  ask(): void {
    if (this.listens) this.arrives({ provenAtMs: this.clock.nowMs() });
  }

  /** The connection is lost, with what was on its way; a new one is listened to when the schedule lets it. */
  break(): void {
    this.messages = [];
    this.listens = false;
    this.provenAtMs = -Infinity;
    this.cells.stopListening();
    void this.gate('listens again').then(() => {
      this.listens = true;
      this.cells.startListening();
    });
  }

  private arrives(message: Message): void {
    this.messages.push(message);
    if (this.messages.length === 1) void this.hearInOrder();
  }

  private async hearInOrder(): Promise<void> {
    const connection = this.messages;
    for (let [message] = connection; message !== undefined; [message] = connection) {
      await this.gate('changed' in message ? 'hears of a change' : 'has its proof');
      connection.shift();
      if (connection !== this.messages) return;
      if ('changed' in message) this.cells.heardOf(message.changed);
      else this.provenAtMs = message.provenAtMs;
    }
  }
}
