import { describe, expect, it } from '@jest/globals';
import { check } from './check.js';
import { CONFIGURATIONS } from './configurations/all.js';
import { configurationsOf } from './report.js';
import { BOUNDED_GUARDS } from './timed/bounded-state.js';
import { SESSION_GUARDS } from './timed/session-guards.js';
import { GUARDS } from './versioned/guards.js';

const PATIENCE_MS = 60_000;

describe('the protocols, in every interleaving of a small world', () => {
  it.each(configurationsOf(CONFIGURATIONS, 'ci'))(
    '$name: $expected',
    (configuration) => {
      const { outcome, trace } = check(configuration);

      expect({ outcome, trace }).toEqual({
        outcome: configuration.expected,
        trace: outcome === 'fails' ? expect.any(Array) : undefined,
      });
    },
    PATIENCE_MS,
  );
});

describe('the configurations', () => {
  it('have a name each', () => {
    const names = CONFIGURATIONS.map(({ name }) => name);

    expect(new Set(names).size).toBe(names.length);
  });

  it('leave each guard out at least once', () => {
    const removed = new Set(CONFIGURATIONS.flatMap(({ guardsRemoved }) => guardsRemoved));

    expect([...removed].sort()).toEqual(
      [...new Set([GUARDS, SESSION_GUARDS, BOUNDED_GUARDS].flatMap((guards) => Object.keys(guards)))].sort(),
    );
  });

  it('fail only where a guard is left out', () => {
    const expectedToFail = CONFIGURATIONS.filter(({ expected }) => expected === 'fails');

    expect(expectedToFail.filter(({ guardsRemoved }) => guardsRemoved.length === 0)).toEqual([]);
  });
});
