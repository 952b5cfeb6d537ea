import { atAddress, nodeName, type ConnectionOptions } from './connection-options.js';
import { askForLayout, LAYOUT_COMMAND, readLayout, type SlotRange } from './cluster-layout.js';
import { slotOf, SLOTS } from './key-slot.js';
import { RedisNode, type NodeListener, type NodeSettings } from './redis-node.js';
import type { RedisSource } from './redis-source.js';

export type ClusterSource = Extract<RedisSource, { kind: 'cluster' }>;

/** A layout is asked for at most so often while something is amiss, and as a precaution after `RECHECK_MS`. */
const REPAIR_MS = 250;
const RECHECK_MS = 10_000;

/**
 * The masters of a cluster and the slots that they hold, as far as is known; looks again when a node is lost, when one
 * says that a key has moved, and from time to time.
 */
export class ClusterNodes {
  private readonly nodes = new Map<string, RedisNode>();
  private owners: (RedisNode | undefined)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private sinceLookMs = 0;
  private looking: Promise<void> | undefined;
  private isClosed = false;

  /** @param onChange hears that slots went to another node */
  constructor(
    private readonly source: ClusterSource,
    private readonly settings: NodeSettings,
    private readonly listener: NodeListener,
    private readonly onChange: () => void,
  ) {}

  async open(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => {
      this.sinceLookMs += REPAIR_MS;
      const isWhole = this.nodes.size > 0 && this.all.every(({ epoch }) => epoch !== undefined);
      if (!isWhole || this.sinceLookMs >= RECHECK_MS) void this.look();
    }, REPAIR_MS).unref();
  }

  get all(): readonly RedisNode[] {
    return [...this.nodes.values()];
  }

  /** Undefined while nobody is known to hold the key. */
  ownerOf(key: string): RedisNode | undefined {
    return this.owners[slotOf(key)];
  }

  /** The node at an address as the cluster writes it: `10.0.0.1:7000`. */
  at(address: string): RedisNode | undefined {
    const colon = address.lastIndexOf(':');

    return this.nodes.get(nodeName(this.optionsAt(address.slice(0, colon), Number(address.slice(colon + 1)))));
  }

  /** Asks once who holds what, whoever calls meanwhile. Never rejects. */
  look(): Promise<void> {
    this.looking ??= this.ask().then((ranges) => {
      this.looking = undefined;
      this.sinceLookMs = 0;
      if (ranges !== undefined && !this.isClosed) this.apply(ranges);
    });

    return this.looking;
  }

  async close(withinMs: number): Promise<void> {
    clearInterval(this.timer);
    this.isClosed = true;
    this.owners = [];
    await Promise.all(this.all.map((node) => node.close(withinMs)));
  }

  private async ask(): Promise<readonly SlotRange[] | undefined> {
    for (const node of this.all) {
      if (node.epoch === undefined) continue;
      const answer = await node.exchange(LAYOUT_COMMAND).catch(() => undefined);
      const ranges = readLayout(answer?.value);
      if (ranges !== undefined) return ranges.map((range) => ({ ...range, host: range.host ?? hostOf(node.name) }));
    }
    for (const root of this.source.roots) {
      const ranges = await askForLayout(root, this.settings);
      if (ranges !== undefined)
        return ranges.map((range) => ({ ...range, host: range.host ?? hostOf(nodeName(root)) }));
    }

    return undefined;
  }

  private apply(ranges: readonly SlotRange[]): void {
    const owners = new Array<RedisNode | undefined>(SLOTS);
    const kept = new Set<RedisNode>();
    for (const { first, last, host = '', port } of ranges) {
      const node = this.nodeFor(this.optionsAt(host, port));
      kept.add(node);
      owners.fill(node, first, last + 1);
    }
    const hasChanged = this.owners.length > 0 && owners.some((owner, slot) => owner !== this.owners[slot]);
    this.owners = owners;
    for (const [name, node] of this.nodes) {
      if (kept.has(node)) continue;
      this.nodes.delete(name);
      void node.close(0);
    }
    if (hasChanged) this.onChange();
  }

  private nodeFor(options: ConnectionOptions): RedisNode {
    const known = this.nodes.get(nodeName(options));
    if (known !== undefined) return known;

    const node = new RedisNode(options, this.settings, this.listener);
    this.nodes.set(node.name, node);
    node.open();
    return node;
  }

  private optionsAt(host: string, port: number): ConnectionOptions {
    const reached = this.source.addressOf(`${host}:${port}`) ?? { host, port };

    return atAddress(this.source.roots[0] ?? {}, reached.host, reached.port);
  }
}

function hostOf(name: string): string {
  return name.slice(0, name.lastIndexOf(':'));
}
