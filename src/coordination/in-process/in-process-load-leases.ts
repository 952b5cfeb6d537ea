import type { Clock } from '../../time/clock.js';
import { LEASE_TIMES, LoadLeases } from '../load-leases.js';
import type { LeaseAnswer, LeaseTimes, LoadLease } from '../load-leases.js';

/** Leases among the callers of one process. They need no renewal: a holder that dies takes them with it. */
export class InProcessLoadLeases extends LoadLeases {
  private readonly cells = new Map<string, LoadLease | 'fruitless'>();

  constructor(
    private readonly clock: Clock,
    private readonly times: Pick<LeaseTimes, 'fruitlessMs'> = LEASE_TIMES,
  ) {
    super();
  }

  override acquire(id: string): LeaseAnswer {
    const cell = this.cells.get(id);
    if (cell !== undefined) return cell === 'fruitless' ? cell : 'held';

    const lease: LoadLease = {
      release: (stored) => {
        // Released before, it may be another's by now.
        if (this.cells.get(id) === lease) this.end(id, stored);
      },
    };
    this.cells.set(id, lease);

    return lease;
  }

  private end(id: string, stored: boolean): void {
    if (stored) {
      this.cells.delete(id);
      return;
    }
    this.cells.set(id, 'fruitless');
    this.clock.after(this.times.fruitlessMs, () => this.cells.delete(id));
  }
}
