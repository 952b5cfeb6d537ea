import { createHash } from 'node:crypto';
import type { RedisLink } from './redis-link.js';

/** One epoch for all nodes: it changes when any of them does. Every version has its own node's. */
export class SharedEpoch {
  private readonly epochs = new Map<string, string>();
  private combined: string | undefined;
  private lastKnown = '';

  constructor(private readonly link: RedisLink) {
    link.onProbe(({ node, epoch }) => {
      if (this.epochs.get(node) !== epoch) this.learn(node, epoch);
    });
  }

  /** The last one known; empty before a node has answered. */
  valueAt(key: string): string {
    this.lastKnown = this.combined ?? this.link.epochOf(key) ?? this.lastKnown;

    return this.lastKnown;
  }

  private learn(node: string, epoch: string): void {
    const present = new Set([...this.link.endpoints().map((endpoint) => endpoint.node), node]);
    this.epochs.set(node, epoch);
    for (const known of this.epochs.keys()) {
      if (!present.has(known)) this.epochs.delete(known);
    }
    const all = [...this.epochs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
    this.combined = all.length === 1 ? epoch : createHash('sha256').update(all.join()).digest('hex').slice(0, 16);
  }
}
