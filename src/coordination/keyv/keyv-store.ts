import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import type { KeyvStoreAdapter } from 'keyv';
import { randomBytes } from 'node:crypto';
import { withDeadline } from '../../resilience/deadline.js';
import { StoreGuard } from '../../resilience/store-guard.js';
import { toMs } from '../../time/duration.js';
import type { Duration } from '../../time/duration.js';
import type { StoreCapabilities } from '../capabilities.js';
import { StoreRefusedError } from '../coordination.errors.js';
import { SharedStore } from '../shared-store.js';
import type { OpenStore, SharedStoreContext } from '../shared-store.js';
import { KeyvLink, storeBehind } from './keyv-link.js';
import { storeIdIn } from './keyv-store-id.js';
import { KeyvVersionStore } from './keyv-version-store.js';
import { NoInvalidationFeed, NoWriteIntents } from './no-coordination.js';
import { SkewedClock } from './skewed-clock.js';

/** What `keyvStore` is told about the stores. */
export interface KeyvStoreOptions {
  /**
   * Where entries are kept, nearest first, as cache-manager has it. The last one is the store that **every process shares**,
   * and keeps the versions too. Nothing can tell whether it does: a Keyv over a Map of one process looks the same.
   */
  readonly stores: readonly (Keyv | KeyvStoreAdapter)[];
  /**
   * The most that the clocks of any two hosts differ. It is taken from the life of every entry, and so from every bound.
   *
   * Unit: milliseconds, or text such as `'500ms'`.
   */
  readonly maxClockSkew: Duration;
  /**
   * Why the shared store never comes back in an earlier state: from a backup, as a replica that had fallen behind, or from
   * an older file. Without it `strong` is refused, because an evicted version that came back would not show.
   */
  readonly neverRestored?: string;
}

/** A first connection may take longer than a call. */
const START_UP_MS = 5_000;
const RETRY_AFTER_MS = 1_000;

/**
 * A shared store of nothing but Keyv stores: PostgreSQL, SQLite, Memcached and whatever else has an adapter.
 *
 * It keeps `bounded`, `eventual` and `immutable`, and `strong` with `neverRestored`. `linearizable` and `session` need what
 * no Keyv has, and `nestjs-consistent-cache/redis` does. The stores' connections stay the application's: it closes them.
 */
export function keyvStore(options: KeyvStoreOptions): SharedStore {
  return new KeyvSharedStore(options);
}

class KeyvSharedStore extends SharedStore {
  constructor(private readonly options: KeyvStoreOptions) {
    super();
  }

  override async open({ namespace, deadlineMs, clock, report }: SharedStoreContext): Promise<OpenStore> {
    const { stores, maxClockSkew, neverRestored } = this.options;
    const keyvs = stores.map(keyvOf);
    const shared = keyvs.at(-1);
    if (shared === undefined)
      throw new StoreRefusedError('keyvStore', 'No store was given', 'Name at least one in stores');
    const skewed = new SkewedClock(clock, toMs(maxClockSkew));
    await requireKeeping(shared, namespace);

    const guard = new StoreGuard({
      deadlineMs,
      retryAfterMs: RETRY_AFTER_MS,
      clock,
      onSuspended: (cause) => {
        report({ type: 'store-suspended', cause });
      },
      onResumed: (suspendedMs) => {
        report({ type: 'store-resumed', suspendedMs });
      },
    });
    const link = new KeyvLink(keyvs.slice(0, -1), shared, guard);

    return {
      id: await storeIdIn(link, namespace),
      cache: createCache({ stores: keyvs }),
      texts: link,
      versions: new KeyvVersionStore(link, namespace),
      intents: new NoWriteIntents(),
      // It cannot set what is absent, so every process loads once for itself.
      leases: undefined,
      feed: new NoInvalidationFeed(),
      clock: skewed,
      capabilities: capabilitiesOf(shared, neverRestored),
      close: () => Promise.resolve(),
    };
  }
}

function keyvOf(store: Keyv | KeyvStoreAdapter): Keyv {
  const keyv = store instanceof Keyv ? store : new Keyv({ store, useKeyPrefix: false });
  keyv.throwOnErrors = true;
  // Without a listener a lost connection would end the process; each failing call reports itself.
  if (!keyv.listeners('error').includes(reportedByTheCall)) keyv.on('error', reportedByTheCall);

  return keyv;
}

function reportedByTheCall(): void {
  return undefined;
}

/** A store may take everything and keep nothing, or keep what it was given first. */
async function requireKeeping(store: Keyv, namespace: string): Promise<void> {
  const key = `${namespace}:check:${randomBytes(9).toString('base64url')}`;
  const fix = 'Check its address, its rights and its room';
  try {
    const kept = await withDeadline('start-up', START_UP_MS, keepsWhatItIsGiven(store, key));
    if (!kept) throw new StoreRefusedError(nameOf(store), 'The store does not keep what it is given', fix);
  } catch (error) {
    throw error instanceof StoreRefusedError
      ? error
      : new StoreRefusedError(nameOf(store), 'The store cannot be used', fix, error);
  }
}

async function keepsWhatItIsGiven(store: Keyv, key: string): Promise<boolean> {
  await store.set(key, 'first');
  await store.set(key, 'second');
  const kept = await store.get<unknown>(key);
  await store.delete(key);

  return kept === 'second' && (await store.get<unknown>(key)) === undefined;
}

function capabilitiesOf(store: Keyv, neverRestored: string | undefined): StoreCapabilities {
  return {
    describedAs: nameOf(store),
    has: new Set(isReason(neverRestored) ? ['sharedVersions', 'knownEpoch'] : ['sharedVersions']),
    missingBecause: {
      knownEpoch: 'a Keyv does not show it; declare neverRestored if it cannot happen',
      intents: 'a Keyv cannot set if absent or ask for the time',
      tickets: 'a Keyv has no clock that processes share',
    },
  };
}

/** An empty reason is none. */
function isReason(text: string | undefined): boolean {
  return text !== undefined && text.trim() !== '';
}

function nameOf(store: Keyv): string {
  return `Keyv over ${storeBehind(store).constructor?.name ?? 'a store'}`;
}
