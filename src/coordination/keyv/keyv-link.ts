import type { Keyv } from 'keyv';
import { StoreUnavailableError } from '../../resilience/deadline.js';
import type { StoreGuard } from '../../resilience/store-guard.js';
import { TextReads } from '../text-reads.js';

/**
 * Text in the stores of an application: some that may be near, and the one that all processes share.
 *
 * Invariants: no call waits longer than the guard's deadline; what was asked for before {@link distrust} is not answered.
 */
export class KeyvLink extends TextReads {
  private distrusted = 0;

  constructor(
    private readonly near: readonly Keyv[],
    private readonly shared: Keyv,
    private readonly guard: StoreGuard,
  ) {
    super();
  }

  /** From the nearest store that knows. */
  override get(location: string): Promise<string | undefined> {
    return this.trusted('read of an entry', async () => {
      for (const store of [...this.near, this.shared]) {
        const text = await textIn(store, location);
        if (text !== undefined) return text;
      }

      return undefined;
    });
  }

  /** From the shared store, in one call where it can. */
  getShared(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    return this.trusted('read of versions', async () => {
      // Where the store has no getMany, Keyv's own answers a failing read as if there were nothing to read.
      if (typeof storeBehind(this.shared).getMany !== 'function' || keys.length === 1)
        return Promise.all(keys.map((key) => textIn(this.shared, key)));
      const found = (await this.shared.getMany<unknown>([...keys])) as readonly unknown[];

      return keys.map((_, index) => asText(found[index]));
    });
  }

  /** @param ttlMs for ever without one */
  async setShared(key: string, text: string, ttlMs?: number): Promise<void> {
    // Not undefined, for which Keyv would take a ttl of its own.
    await this.guard.call('write of a version', () => this.shared.set(key, text, ttlMs ?? 0));
  }

  /**
   * Nobody can tell a Keyv to give up its connection. What is in flight counts as unanswered, and the stores are left alone
   * for a while.
   */
  override distrust(): void {
    this.distrusted += 1;
    this.guard.suspend(new StoreUnavailableError('read of an entry', 'gave the entry of another key'));
  }

  private trusted<T>(operation: string, work: () => Promise<T>): Promise<T> {
    return this.guard.call(operation, async () => {
      const { distrusted } = this;
      const answer = await work();
      if (distrusted !== this.distrusted) throw new StoreUnavailableError(operation, 'gave the entry of another key');

      return answer;
    });
  }
}

/** What a Keyv stands in front of. */
export function storeBehind(keyv: Keyv): {
  readonly getMany?: unknown;
  readonly constructor?: { readonly name?: string };
} {
  return keyv.store as object;
}

async function textIn(store: Keyv, key: string): Promise<string | undefined> {
  try {
    return asText(await store.get<unknown>(key));
  } catch (error) {
    // Text that Keyv cannot parse is not ours; the next write replaces it.
    if (error instanceof Error && error.name === 'SyntaxError') return undefined;
    throw error;
  }
}

function asText(stored: unknown): string | undefined {
  return typeof stored === 'string' ? stored : undefined;
}
