import type { Clock } from '../../time/clock.js';
import { LoadLeases } from '../load-leases.js';
import type { LoadLease } from '../load-leases.js';

/** Leases among the callers of one process. */
export class InProcessLoadLeases extends LoadLeases {
  private readonly held = new Map<string, HeldLease>();

  /** @param leaseMs when a lease that is not released ends, in ms */
  constructor(
    private readonly clock: Clock,
    private readonly leaseMs: number,
  ) {
    super();
  }

  override acquire(id: string): LoadLease | undefined {
    const nowMs = this.clock.nowMs();
    const other = this.held.get(id);
    if (other !== undefined && nowMs < other.endsAtMs) return undefined;

    const lease: HeldLease = {
      endsAtMs: nowMs + this.leaseMs,
      // One that has ended may have been given to another since.
      release: () => {
        if (this.held.get(id) === lease) this.held.delete(id);
      },
    };
    this.held.set(id, lease);

    return lease;
  }
}

interface HeldLease extends LoadLease {
  readonly endsAtMs: number;
}
