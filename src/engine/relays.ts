import type { OpenOutbox } from '../coordination/eviction-outbox.js';
import type { OpenExternalWrites } from '../coordination/external-writes.js';
import type { Eviction } from './eviction.js';

/** Evictions that no call of this process makes: those of writers that have died, and of writes past the application. */
export class Relays {
  constructor(
    private readonly outbox: OpenOutbox | undefined,
    private readonly externalWrites: OpenExternalWrites | undefined,
    private readonly eviction: Eviction,
  ) {}

  /** @throws {StoreRefusedError} when one of them cannot be used */
  async start(): Promise<void> {
    await this.externalWrites?.listen((tags) => this.eviction.evict(tags, 'external writes'));
    await this.outbox?.relay((tags) => this.eviction.evict(tags, 'the outbox'));
  }

  async close(): Promise<void> {
    await Promise.all([this.outbox?.close(), this.externalWrites?.close()]);
  }
}
