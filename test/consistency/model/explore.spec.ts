import { describe, expect, it } from '@jest/globals';
import { explore, TooManyStatesError, type Step, type System } from './explore.js';

/** A counter that may go up to `most`, one or two at a time. */
function counter(most: number, isWrong: (count: number) => boolean): System<number> {
  return {
    initial: 0,
    steps: (count) =>
      [1, 2].filter((by) => count + by <= most).map((by) => ({ says: `up by ${by}`, next: count + by })),
    keyOf: String,
    violation: (count) => (isWrong(count) ? `it is ${count}` : undefined),
  };
}

type Place = 'outside' | 'has looked' | 'inside';

interface Room {
  readonly isTaken: boolean;
  readonly places: readonly Place[];
}

/** Two who enter a room when they find it free. Looking and taking are two steps, or one. */
function room(looksAndTakesAtOnce: boolean): System<Room> {
  const moved = (room: Room, index: number, place: Place, isTaken: boolean): Room => ({
    isTaken,
    places: room.places.map((each, other) => (other === index ? place : each)),
  });

  return {
    initial: { isTaken: false, places: ['outside', 'outside'] },
    steps: (state) =>
      state.places.flatMap((place, index): readonly Step<Room>[] => {
        const who = `person ${index + 1}`;
        if (place === 'has looked') return [{ says: `${who} enters`, next: moved(state, index, 'inside', true) }];
        if (place === 'inside') return [{ says: `${who} leaves`, next: moved(state, index, 'outside', false) }];
        if (state.isTaken) return [];

        return looksAndTakesAtOnce
          ? [{ says: `${who} enters`, next: moved(state, index, 'inside', true) }]
          : [{ says: `${who} finds the room free`, next: moved(state, index, 'has looked', false) }];
      }),
    keyOf: ({ isTaken, places }) => `${isTaken}${places.join()}`,
    violation: ({ places }) => (places.every((place) => place === 'inside') ? 'two are inside' : undefined),
  };
}

describe('explore', () => {
  it('visits each state once', () => {
    expect(explore(counter(10, () => false))).toEqual({ outcome: 'holds', states: 11 });
  });

  it('takes a state that nothing can follow for an end, and not for a fault', () => {
    expect(explore(counter(0, () => false))).toEqual({ outcome: 'holds', states: 1 });
  });

  it('finds the shortest way to a violation', () => {
    expect(explore(counter(10, (count) => count === 5))).toMatchObject({
      outcome: 'fails',
      violation: 'it is 5',
      trace: ['up by 1', 'up by 2', 'up by 2'],
    });
  });

  it('finds a violation where it begins', () => {
    expect(explore(counter(10, (count) => count === 0))).toMatchObject({ outcome: 'fails', states: 1, trace: [] });
  });

  it('stops at the first violation', () => {
    expect(explore(counter(1_000, (count) => count === 2)).states).toBeLessThan(5);
  });

  it('finds that looking and taking are two steps', () => {
    expect(explore(room(false))).toMatchObject({
      outcome: 'fails',
      violation: 'two are inside',
      trace: ['person 1 finds the room free', 'person 2 finds the room free', 'person 1 enters', 'person 2 enters'],
    });
  });

  it('finds nothing where they are one', () => {
    expect(explore(room(true))).toEqual({ outcome: 'holds', states: 3 });
  });

  it('goes round in a circle once', () => {
    const clock: System<number> = {
      initial: 0,
      steps: (hour) => [{ says: 'an hour passes', next: (hour + 1) % 12 }],
      keyOf: String,
      violation: () => undefined,
    };

    expect(explore(clock)).toEqual({ outcome: 'holds', states: 12 });
  });

  it('refuses a space that is larger than it may be', () => {
    const endless: System<number> = {
      initial: 0,
      steps: (count) => [{ says: 'up', next: count + 1 }],
      keyOf: String,
      violation: () => undefined,
    };

    expect(() => explore(endless, 100)).toThrow(TooManyStatesError);
  });
});
