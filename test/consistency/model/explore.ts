/** Something that can happen in a state, in words, and the state after it. */
export interface Step<State> {
  readonly says: string;
  readonly next: State;
}

/** A system of plain immutable states. All three functions are pure. */
export interface System<State> {
  readonly initial: State;
  /** Everything that can happen next. Nothing at all is an end, and no fault. */
  steps(state: State): readonly Step<State>[];
  /** Two states may share a key only if nothing that can happen later tells them apart. */
  keyOf(state: State): string;
  /** What is wrong with a state; undefined when nothing is. */
  violation(state: State): string | undefined;
}

export type Exploration =
  | { readonly outcome: 'holds'; readonly states: number }
  | {
      readonly outcome: 'fails';
      readonly states: number;
      readonly violation: string;
      /** The shortest way to the violation. */
      readonly trace: readonly string[];
    };

/** A space that outgrows its configuration is a mistake in one of the two. */
export class TooManyStatesError extends Error {
  constructor(limit: number) {
    super(`More than ${limit} states; make the configuration smaller, or raise the limit`);
    this.name = 'TooManyStatesError';
  }
}

const MOST_STATES = 6_000_000;

/**
 * Visits every state that can be reached, nearest first, so that a counterexample is as short as any.
 *
 * Of a state that has been visited only its key is kept, and the number of the state before it. The way to a violation is
 * found again by walking from the beginning along the keys.
 */
export function explore<State>(system: System<State>, mostStates = MOST_STATES): Exploration {
  const numberOf = new Map<string, number>([[system.keyOf(system.initial), 0]]);
  const parents: number[] = [-1];
  let layer: State[] = [system.initial];
  let layerStartsAt = 0;
  const failure = (id: number, violation: string): Exploration => ({
    outcome: 'fails',
    states: numberOf.size,
    violation,
    trace: wayTo(system, keysOnTheWay(numberOf, parents, id)),
  });
  const wrong = system.violation(system.initial);
  if (wrong !== undefined) return failure(0, wrong);

  while (layer.length > 0) {
    const nextLayer: State[] = [];
    const nextStartsAt = layerStartsAt + layer.length;
    for (const [index, state] of layer.entries()) {
      for (const { next } of system.steps(state)) {
        const key = system.keyOf(next);
        if (numberOf.has(key)) continue;
        const id = numberOf.size;
        if (id >= mostStates) throw new TooManyStatesError(mostStates);
        numberOf.set(key, id);
        parents.push(layerStartsAt + index);
        const violation = system.violation(next);
        if (violation !== undefined) return failure(id, violation);
        nextLayer.push(next);
      }
    }
    layer = nextLayer;
    layerStartsAt = nextStartsAt;
  }

  return { outcome: 'holds', states: numberOf.size };
}

/** The keys from the initial state, which is left out, to the one with this number. */
function keysOnTheWay(
  numberOf: ReadonlyMap<string, number>,
  parents: readonly number[],
  id: number,
): readonly string[] {
  const numbers = new Set<number>();
  for (let each = id; each > 0; each = parents[each] ?? -1) numbers.add(each);

  return [...numberOf].filter(([, number]) => numbers.has(number)).map(([key]) => key);
}

function wayTo<State>(system: System<State>, keys: readonly string[]): readonly string[] {
  let state = system.initial;

  return keys.map((key) => {
    const step = system.steps(state).find(({ next }) => system.keyOf(next) === key);
    if (step === undefined) throw new Error('The same state has led elsewhere this time: steps or keys are not pure');
    state = step.next;

    return step.says;
  });
}
