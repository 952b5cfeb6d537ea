import type { RefreshReason } from '../consistency/decision.js';
import type { CallScopes } from '../context/call-scope.js';
import type { VersionStore } from '../coordination/version-store.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import type { CacheEvents } from '../observability/event-channel.js';
import { NO_DEMAND } from '../policy/demand.js';
import { fullKeyOf } from '../storage/entry-store.js';
import { tagsOf } from './invocation.js';
import type { Invocation } from './invocation.js';
import type { SharedLoads } from './shared-loads.js';

/**
 * Loads an entry anew without making its reader wait.
 *
 * It is a load like any other: under versions read before it, one for each key at a time, in one process of those that share the
 * store. It belongs to no caller: nothing that surrounds the read, beyond who is calling, surrounds the load, and its
 * failure is told by an event alone.
 */
export class BackgroundRefresh {
  private readonly running = new Set<string>();

  constructor(
    private readonly versions: VersionStore,
    private readonly loads: SharedLoads,
    private readonly scopes: CallScopes,
    private readonly events: CacheEvents,
  ) {}

  /** @param entry the one to replace */
  begin(call: Invocation, entry: CacheEntry, because: RefreshReason | 'kept-warm'): void {
    const id = fullKeyOf(call);
    // What runs in a transaction may still use its connection when that has ended.
    if (this.running.has(id) || this.scopes.areClosed || this.scopes.current().transaction !== undefined) return;
    this.running.add(id);
    const { policy, key, subject } = call;
    this.events.publish({ type: 'refresh-begun', policy: policy.name, key, subject: subject.id, because });
    void this.refresh(call, entry)
      .catch((error: unknown) => {
        this.events.publish({ type: 'refresh-failed', policy: policy.name, key, subject: subject.id, error });
      })
      .finally(() => this.running.delete(id));
  }

  private refresh(call: Invocation, entry: CacheEntry): Promise<void> {
    const alone = {
      demand: NO_DEMAND,
      trace: undefined,
      reads: undefined,
      session: undefined,
      leaving: undefined,
      load: undefined,
      transaction: undefined,
      held: [],
    };

    return this.scopes.within(alone, async () => {
      const snapshot = await this.versions.readOrMint(tagsOf(call));
      const outcome = await this.loads.load(call, this.scopes.current(), { snapshot, storeAnswers: true, than: entry });
      if (outcome.failed) throw outcome.error;
    });
  }
}
