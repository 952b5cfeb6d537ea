import { anyGate, asBefore, byPriority, randomFrom } from './choices.js';
import { Scheduler } from './scheduler.js';
import type { Choice } from './scheduler.js';

export interface Scenario {
  /** Happens before anything waits. */
  readonly before?: (() => Promise<void>) | undefined;
  /** Begins what happens at once. */
  readonly operations: () => readonly Promise<unknown>[];
  /** What went wrong, one line each. Asked when every operation has settled and every gate is open. */
  readonly verdict: () => readonly string[] | Promise<readonly string[]>;
  /** Gives back what the scenario has borrowed. */
  readonly end?: () => void;
}

export type Begin = (scheduler: Scheduler) => Scenario;

/** A run that went wrong, and what repeats it: a seed, or the choices that were made, as `0-2-1`. */
export interface Violation {
  readonly what: string;
  readonly replay: string;
  readonly order: string;
}

export interface Exploration {
  readonly schedules: number;
  /** Of the first run that went wrong: the same fault shows in many orders. */
  readonly violations: readonly Violation[];
}

/** Runs a scenario under every order in which its gates can open, or under the first so many. */
export async function everyOrder(begin: Begin, most: number): Promise<Exploration & { readonly isComplete: boolean }> {
  const violations: Violation[] = [];
  let schedules = 0;
  let prefix: number[] | undefined = [];
  while (prefix !== undefined && violations.length === 0 && schedules < most) {
    const choices: number[] = [];
    const widths: number[] = [];
    const planned: readonly number[] = prefix;
    const { faults, order } = await runOnce(begin, (gates) => {
      const choice = planned[choices.length] ?? 0;
      choices.push(choice);
      widths.push(gates.length);
      return choice;
    });
    violations.push(...faults.map((what) => ({ what, replay: choices.join('-'), order })));
    schedules += 1;
    prefix = nextPrefix(choices, widths);
  }

  return { schedules, violations, isComplete: prefix === undefined };
}

/** Runs a scenario under random orders: with even seeds any gate is as likely, with odd ones priorities decide. */
export async function someOrders(
  begin: Begin,
  { schedules, seed }: { readonly schedules: number; readonly seed: number },
): Promise<Exploration> {
  const length = await lengthOf(begin);
  const violations: Violation[] = [];
  let index = 0;
  for (; index < schedules && violations.length === 0; index += 1) {
    const replay = String(seed + index);
    const { faults, order } = await runOnce(begin, choiceOf(seed + index, length));
    violations.push(...faults.map((what) => ({ what, replay, order })));
  }

  return { schedules: index, violations };
}

/** Runs the one schedule that a violation names. */
export async function repeat(begin: Begin, replay: string): Promise<Exploration> {
  const choose = replay.includes('-')
    ? asBefore(replay.split('-').map(Number))
    : choiceOf(Number(replay), await lengthOf(begin));
  const { faults, order } = await runOnce(begin, choose);

  return { schedules: 1, violations: faults.map((what) => ({ what, replay, order })) };
}

const MOST_CHANGES = 4;

function choiceOf(seed: number, length: number): Choice {
  const random = randomFrom(seed);
  if (seed % 2 === 0) return anyGate(random);

  return byPriority(random, { length, changes: Math.floor(random() * (MOST_CHANGES + 1)) });
}

/** Of one schedule, always the same one, so that a seed alone repeats a run. */
async function lengthOf(begin: Begin): Promise<number> {
  return (await runOnce(begin, () => 0)).steps;
}

interface Run {
  readonly faults: readonly string[];
  readonly order: string;
  readonly steps: number;
}

async function runOnce(begin: Begin, choose: Choice): Promise<Run> {
  const scheduler = new Scheduler();
  const { before, operations: beginAll, verdict, end } = begin(scheduler);
  try {
    await before?.();
    await scheduler.holdAll();
    const operations = beginAll();
    let settled = 0;
    const all = Promise.allSettled(operations.map((operation) => operation.finally(() => (settled += 1))));
    await scheduler.run(choose);
    const run = { order: scheduler.order.join(' > '), steps: scheduler.order.length };
    const hanging = operations.length - settled;
    if (hanging > 0) return { ...run, faults: [`${hanging} operations hang`] };

    scheduler.openAll();
    const failed = (await all).flatMap((each) =>
      each.status === 'rejected' ? [`rejected: ${String(each.reason)}`] : [],
    );

    return { ...run, faults: [...failed, ...(await verdict())] };
  } finally {
    end?.();
  }
}

/** The next list of choices in depth-first order; undefined when every one was made. */
function nextPrefix(choices: readonly number[], widths: readonly number[]): number[] | undefined {
  for (let index = choices.length - 1; index >= 0; index -= 1) {
    const choice = choices[index] ?? 0;
    if (choice + 1 < (widths[index] ?? 0)) return [...choices.slice(0, index), choice + 1];
  }

  return undefined;
}
