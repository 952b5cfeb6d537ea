import type { VersionSnapshot } from '../../entry/version-snapshot.js';
import type { Clock } from '../../time/clock.js';
import { InvalidationFeed } from '../invalidation-feed.js';
import type { WatchedSnapshot } from '../invalidation-feed.js';
import { WatchedCells } from '../watched-cells.js';
import type { VersionWatch } from '../watched-cells.js';
import { versionKey, versionPrefix } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';
import { TrackingConnection } from './tracking-connection.js';
import type { TrackingListener, TrackingSettings } from './tracking-connection.js';

export interface RedisInvalidationFeedOptions {
  /** How old the proof may be, in ms: the longest that an acknowledged eviction goes unnoticed. @default 1000 */
  readonly proofMs?: number | undefined;
  /** How often a new proof is asked for, in ms. @default a quarter of `proofMs` */
  readonly intervalMs?: number | undefined;
  /** A server that has not answered for so long is given up, and connected to again, in ms. @default 2000 */
  readonly silenceMs?: number | undefined;
  /** How many tags are listened to; copies under the one not asked for longest are outdated. @default 100000 */
  readonly maxTags?: number | undefined;
}

const PROOF_MS = 1_000;
const SILENCE_MS = 2_000;
const MAX_TAGS = 100_000;

/**
 * Hears over one more connection to each master of every write to a version key (RESP3 client tracking in broadcast mode).
 *
 * It proves something only while all masters are listened to; one that is lost, or added, outdates everything that was
 * watched before, once all are listened to again.
 */
export class RedisInvalidationFeed extends InvalidationFeed {
  override readonly proofMs: number;
  private readonly cells: WatchedCells;
  private readonly connections = new Map<string, TrackingConnection>();
  private readonly settings: TrackingSettings;
  private provenAtMs = -Infinity;
  private stopHearingOfLosses: (() => void) | undefined;
  private watchOverMasters: NodeJS.Timeout | undefined;

  /**
   * @param clock of this process
   * @param namespace what every key begins with
   */
  constructor(
    private readonly link: RedisLink,
    private readonly clock: Clock,
    namespace: string,
    options: RedisInvalidationFeedOptions = {},
  ) {
    super();
    const { proofMs = PROOF_MS, intervalMs = proofMs / 4, silenceMs = SILENCE_MS, maxTags = MAX_TAGS } = options;
    this.proofMs = proofMs;
    this.settings = { prefix: versionPrefix(namespace), intervalMs, silenceMs, clock };
    this.cells = new WatchedCells((tag) => versionKey(namespace, tag), maxTags);
  }

  /** What the version store is to tell of its reads, so that there is something to watch. */
  get versionWatch(): VersionWatch {
    return this.cells;
  }

  /** Connects in the background, and again whenever a connection is lost. */
  start(): void {
    this.stopHearingOfLosses = this.link.onLost(() => {
      this.followMasters();
    });
    this.watchOverMasters = setInterval(() => {
      this.followMasters();
    }, this.settings.intervalMs).unref();
    this.followMasters();
  }

  close(): void {
    clearInterval(this.watchOverMasters);
    this.stopHearingOfLosses?.();
    for (const connection of this.connections.values()) connection.close();
    this.connections.clear();
    this.stopListening();
  }

  override isProven(): boolean {
    return this.clock.nowMs() - this.provenAtMs <= this.proofMs;
  }

  override watch(snapshot: VersionSnapshot): WatchedSnapshot | undefined {
    return this.cells.watch(snapshot);
  }

  private followMasters(): void {
    const masters = new Map(this.link.endpoints().map((endpoint) => [endpoint.node, endpoint]));
    for (const [node, endpoint] of masters) {
      if (this.connections.has(node)) continue;
      this.stopListening();
      this.connections.set(node, new TrackingConnection(endpoint, this.settings, this.listener));
    }
    for (const [node, connection] of this.connections) {
      if (masters.has(node)) continue;
      this.connections.delete(node);
      connection.close();
      this.listenAgain();
    }
  }

  private readonly listener: TrackingListener = {
    onChange: (key) => {
      if (key === undefined) this.cells.outdateAll();
      else this.cells.heardOf(key);
    },
    onListening: () => {
      this.listenAgain();
    },
    onLost: () => {
      this.stopListening();
    },
    onProven: () => {
      this.provenAtMs = Math.min(...Array.from(this.connections.values(), ({ provenAtMs }) => provenAtMs));
    },
  };

  private listenAgain(): void {
    this.stopListening();
    const connections = [...this.connections.values()];
    if (connections.length > 0 && connections.every(({ listens }) => listens)) this.cells.startListening();
  }

  private stopListening(): void {
    this.provenAtMs = -Infinity;
    this.cells.stopListening();
  }
}
