import type { Choice } from './scheduler.js';

/** Numbers in [0, 1), the same for one seed on every machine. */
export type Random = () => number;

/** Mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;

  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;

    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Any gate with the same probability: good at what goes wrong in many orders. */
export function anyGate(random: Random): Choice {
  return (gates) => Math.floor(random() * gates.length);
}

export interface PrioritiesOptions {
  /** How many steps a schedule of this scenario has, about. */
  readonly length: number;
  /** At how many of them the one who goes on falls behind everybody else. */
  readonly changes: number;
}

/**
 * Whoever has the highest priority goes on, until one of few moments at which he falls behind: good at what goes wrong in few
 * orders, of which uniform choices, that wear every difference away, find none.
 *
 * Burckhardt, Kothari, Musuvathi, Nagarakatti, "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS
 * 2010: a fault that needs d orderings is found with probability 1/(n·k^(d-1)), for n threads, k steps and d - 1 changes.
 */
export function byPriority(random: Random, { length, changes }: PrioritiesOptions): Choice {
  const moments = new Set(Array.from({ length: changes }, () => Math.floor(random() * length)));
  const priorities = new Map<string, number>();
  const priorityOf = (gate: string): number => {
    const whose = gate.slice(0, gate.indexOf(':'));
    let priority = priorities.get(whose);
    if (priority === undefined) {
      priority = random();
      priorities.set(whose, priority);
    }
    return priority;
  };
  let steps = 0;

  return (gates) => {
    let chosen = highest(gates.map(priorityOf));
    if (moments.has(steps)) {
      priorities.set((gates[chosen] ?? '').split(':')[0] ?? '', -steps - 1);
      chosen = highest(gates.map(priorityOf));
    }
    steps += 1;

    return chosen;
  };
}

/** The choices that were made once; the first gate when there are no more. */
export function asBefore(choices: readonly number[]): Choice {
  let step = 0;

  return (gates) => {
    const choice = choices[step] ?? 0;
    step += 1;

    return Math.min(choice, gates.length - 1);
  };
}

function highest(priorities: readonly number[]): number {
  return priorities.indexOf(Math.max(...priorities));
}
