import type { ResolvedPolicy } from '../policy/resolved-policy.js';
import type { ResolvedWarmUp } from '../policy/resolved-load.js';
import type { BackgroundRefresh } from '../engine/background-refresh.js';
import type { OriginCall } from '../engine/invocation.js';
import type { EntryStore } from '../storage/entry-store.js';
import type { Clock } from '../time/clock.js';
import type { CacheableInterceptor } from './cacheable.interceptor.js';
import type { InvocationFactory } from './invocation-factory.js';

/** A cache to warm up, and where its method lives. */
export interface WarmUpTarget {
  readonly policy: ResolvedPolicy;
  readonly warmUp: ResolvedWarmUp;
  readonly instance: unknown;
  readonly method: OriginCall['method'];
}

/** Where its progress is told; Nest's Logger fits. */
export interface ProgressLog {
  log(message: string): void;
  warn(message: string): void;
}

/** Entries are looked at so many times in the course of a ttl, and loaded anew in its last quarter. */
const LOOKS_PER_TTL = 8;
const LAST_QUARTER = 0.25;
const SHORTEST_PAUSE_MS = 10;
/** A day: timers of Node wait for no more than 24 days, and fire at once when asked to. */
const LONGEST_PAUSE_MS = 86_400_000;

/** Loads what is declared to be loaded before anybody asks for it, and keeps it loaded where that is declared. */
export class WarmUp {
  private closed = false;

  constructor(
    private readonly cacheable: CacheableInterceptor,
    private readonly invocations: InvocationFactory,
    private readonly entries: EntryStore,
    private readonly refreshes: BackgroundRefresh,
    private readonly clock: Clock,
    private readonly log: ProgressLog,
  ) {}

  /** Begins with all of them. Settles when each is done or its `readyWithin` has passed; it never rejects. */
  async begin(targets: readonly WarmUpTarget[]): Promise<void> {
    await Promise.all(targets.map((target) => this.atMost(target.warmUp.readyWithinMs, this.warm(target))));
  }

  close(): void {
    this.closed = true;
  }

  private atMost(ms: number, work: Promise<void>): Promise<void> {
    if (ms === 0) return Promise.resolve();

    return new Promise((resolve) => {
      const callOff = this.clock.after(ms, resolve);
      void work.then(() => {
        callOff();
        resolve();
      });
    });
  }

  private async warm(target: WarmUpTarget): Promise<void> {
    const { policy, warmUp, instance } = target;
    const startedMs = this.clock.nowMs();
    try {
      const calls = [...(await warmUp.calls.call(instance))];
      this.log.log(`Warming up ${policy.name}: ${calls.length} calls, ${warmUp.concurrency} at a time`);
      const failed = await this.callAll(target, calls);
      const tookMs = Math.round(this.clock.nowMs() - startedMs);
      const outcome = `${calls.length - failed} of ${calls.length} calls of ${policy.name} are warm after ${tookMs} ms`;
      if (failed > 0) this.log.warn(`${outcome}; ${failed} failed, and are loaded when they are asked for`);
      else this.log.log(outcome);
      if (warmUp.keepWarm) this.lookAgain(target, calls);
    } catch (error) {
      this.log.warn(`${policy.name} is not warmed up, because its calls cannot be named: ${String(error)}`);
    }
  }

  /** @returns how many failed */
  private async callAll(target: WarmUpTarget, calls: readonly (readonly unknown[])[]): Promise<number> {
    const left = calls.values();
    let failed = 0;
    const worker = async (): Promise<void> => {
      for (const args of left) {
        if (this.closed) return;
        await this.call(target, args).catch(() => (failed += 1));
      }
    };
    await Promise.all(Array.from({ length: target.warmUp.concurrency }, worker));

    return failed;
  }

  private call({ policy, instance, method }: WarmUpTarget, args: readonly unknown[]): Promise<unknown> {
    return this.cacheable.intercept({ policy, instance, args, method });
  }

  private lookAgain(target: WarmUpTarget, calls: readonly (readonly unknown[])[]): void {
    const pauseMs = Math.min(Math.max(SHORTEST_PAUSE_MS, target.policy.ttlMs / LOOKS_PER_TTL), LONGEST_PAUSE_MS);
    this.clock.after(pauseMs, () => {
      if (this.closed) return;
      for (const args of calls) void this.keepWarm(target, args);
      this.lookAgain(target, calls);
    });
  }

  private async keepWarm(target: WarmUpTarget, args: readonly unknown[]): Promise<void> {
    const { policy, instance, method } = target;
    try {
      const call = this.invocations.create({ policy, instance, args, method });
      if ('refusal' in call) return;
      const lookup = await this.entries.find(call);
      if (lookup.state !== 'found' && lookup.state !== 'copied') {
        await this.call(target, args);
        return;
      }
      const leftMs = lookup.entry.freshUntilMs - this.clock.nowMs();
      if (leftMs <= policy.ttlMs * LAST_QUARTER) this.refreshes.begin(call, lookup.entry, 'kept-warm');
    } catch {
      // Told by the event of the load that failed; the next look tries again.
    }
  }
}
