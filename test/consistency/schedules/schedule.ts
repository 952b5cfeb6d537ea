/** Lets everything run that waits for nothing but its turn. */
function untilQuiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Picks the next gate to open among those at which somebody waits. */
type Choice = (gates: readonly string[]) => number;

interface Waiting {
  readonly gate: string;
  readonly open: () => void;
}

/** Holds every step of a concurrent run at a gate, and opens one gate at a time in the order that it is told. */
export class Scheduler {
  private waiting: Waiting[] = [];
  private free = false;
  /** The gates in the order in which they were opened. */
  readonly order: string[] = [];

  /** Waits until the schedule lets this step go on. */
  gate(name: string): Promise<void> {
    if (this.free) return Promise.resolve();

    return new Promise((open) => this.waiting.push({ gate: name, open }));
  }

  /** From here on nobody waits: what the run has left behind can be looked at. */
  openAll(): void {
    this.free = true;
  }

  async run(choose: Choice): Promise<void> {
    await untilQuiet();
    while (this.waiting.length > 0) {
      // In the order of names, so that one list of choices always means one schedule.
      this.waiting.sort((a, b) => (a.gate < b.gate ? -1 : 1));
      const index = choose(this.waiting.map(({ gate }) => gate));
      const [next] = this.waiting.splice(index, 1);
      this.order.push(next?.gate ?? '');
      next?.open();
      await untilQuiet();
    }
  }
}

/** What went wrong in one run, one line each. */
export type Verdict = () => readonly string[] | Promise<readonly string[]>;

export interface Scenario {
  readonly operations: readonly Promise<unknown>[];
  /** Asked when every operation has settled and every gate is open. */
  readonly verdict: Verdict;
}

export interface Exploration {
  readonly schedules: number;
  /** The first few violations, each with the order of gates that led to it. */
  readonly violations: readonly string[];
}

const SHOWN = 3;
const TOO_MANY = 30_000;

/** Runs a scenario under every order in which its gates can open. */
export async function everyOrder(scenario: (scheduler: Scheduler) => Scenario): Promise<Exploration> {
  const violations: string[] = [];
  let schedules = 0;
  let prefix: number[] | undefined = [];
  while (prefix !== undefined) {
    const choices: number[] = [];
    const widths: number[] = [];
    const planned: readonly number[] = prefix;
    violations.push(
      ...(await runOnce(scenario, (gates) => {
        const choice = planned[choices.length] ?? 0;
        choices.push(choice);
        widths.push(gates.length);
        return choice;
      })),
    );
    schedules += 1;
    if (schedules > TOO_MANY) throw new Error(`More than ${TOO_MANY} schedules: sample them instead`);
    prefix = nextPrefix(choices, widths);
  }

  return { schedules, violations: violations.slice(0, SHOWN) };
}

/** Runs a scenario under random orders; a violation names the seed that repeats it. */
export async function someOrders(
  scenario: (scheduler: Scheduler) => Scenario,
  { schedules, seed }: { readonly schedules: number; readonly seed: number },
): Promise<Exploration> {
  const violations: string[] = [];
  for (let index = 0; index < schedules; index += 1) {
    const random = randomFrom(seed + index);
    const found = await runOnce(scenario, (gates) => Math.floor(random() * gates.length));
    violations.push(...found.map((violation) => `seed ${seed + index}: ${violation}`));
  }

  return { schedules, violations: violations.slice(0, SHOWN) };
}

async function runOnce(scenario: (scheduler: Scheduler) => Scenario, choose: Choice): Promise<readonly string[]> {
  const scheduler = new Scheduler();
  const { operations, verdict } = scenario(scheduler);
  let settled = 0;
  const all = Promise.allSettled(operations.map((operation) => operation.finally(() => (settled += 1))));
  await scheduler.run(choose);
  const order = scheduler.order.join(' > ');
  if (settled < operations.length) return [`${operations.length - settled} operations hang after ${order}`];

  scheduler.openAll();
  const failed = (await all).flatMap((each) =>
    each.status === 'rejected' ? [`rejected: ${String(each.reason)}`] : [],
  );

  return [...failed, ...(await verdict())].map((violation) => `${violation} after ${order}`);
}

/** The next list of choices in depth-first order; undefined when every one was made. */
function nextPrefix(choices: readonly number[], widths: readonly number[]): number[] | undefined {
  for (let index = choices.length - 1; index >= 0; index -= 1) {
    const choice = choices[index] ?? 0;
    if (choice + 1 < (widths[index] ?? 0)) return [...choices.slice(0, index), choice + 1];
  }

  return undefined;
}

/** Mulberry32: small, and the same on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;

  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;

    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
