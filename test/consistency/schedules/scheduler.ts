/** Picks the next gate to open among those at which somebody waits; the names are sorted. */
export type Choice = (gates: readonly string[]) => number;

interface Waiting {
  readonly gate: string;
  readonly open: () => void;
}

/** Holds every step of a concurrent run at a gate, and opens one gate at a time in the order that it is told. */
export class Scheduler {
  private waiting: Waiting[] = [];
  private free = true;
  /** The gates in the order in which they were opened. */
  readonly order: string[] = [];

  /** Waits until the schedule lets this step go on. A gate is named `whose: what`. */
  gate(name: string): Promise<void> {
    if (this.free) return Promise.resolve();

    return new Promise((open) => this.waiting.push({ gate: name, open }));
  }

  /** Lets everything end that has begun; from then on everybody waits for his turn. */
  async holdAll(): Promise<void> {
    await untilQuiet();
    this.free = false;
  }

  /** From here on nobody waits: what the run has left behind can be looked at. */
  openAll(): void {
    this.free = true;
  }

  async run(choose: Choice): Promise<void> {
    await untilQuiet();
    while (this.waiting.length > 0) {
      // In the order of names, so that one list of choices always means one schedule.
      this.waiting.sort((a, b) => (a.gate < b.gate ? -1 : a.gate > b.gate ? 1 : 0));
      const index = choose(this.waiting.map(({ gate }) => gate));
      const [next] = this.waiting.splice(index, 1);
      this.order.push(next?.gate ?? '');
      next?.open();
      await untilQuiet();
    }
  }
}

/** Lets everything run that waits for nothing but its turn. */
function untilQuiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
