import { describe, expect, it } from '@jest/globals';
import { RegisterHistory } from './register-history.js';

/** `a` from the start, then `b` written in [10, 20] and `c` in [30, 40]. */
function abc({ acknowledged = true } = {}): RegisterHistory {
  const history = new RegisterHistory('a');
  history.wrote({ order: 2, value: 'c', begunAtMs: 30, acknowledgedAtMs: acknowledged ? 40 : Infinity });
  history.wrote({ order: 1, value: 'b', begunAtMs: 10, acknowledgedAtMs: 20 });

  return history;
}

const read = (history: RegisterHistory, value: string, askedAtMs: number, answeredAtMs: number): void => {
  history.read({ value, askedAtMs, answeredAtMs, by: 'somebody', isHit: true });
};

describe('A history of one register', () => {
  it('accuses a read that began after a newer value was acknowledged', () => {
    const history = abc();
    read(history, 'a', 20, 25);
    expect(history.strongViolations()).toEqual([]);
    read(history, 'a', 20.1, 25);

    expect(history.strongViolations()).toEqual([
      expect.stringContaining('somebody read a in [20.1, 25.0]: not strong'),
    ]);
    expect(history.worstStalenessMs()).toBeCloseTo(0.1);
  });

  it('accuses a read of what nobody had begun to write', () => {
    const history = abc();
    read(history, 'c', 25, 30);
    expect(history.strongViolations()).toEqual([]);
    read(history, 'c', 25, 29.9);

    expect(history.strongViolations()).toHaveLength(1);
  });

  it('accuses nobody of a value whose successor was never acknowledged', () => {
    const history = abc({ acknowledged: false });
    read(history, 'b', 1_000, 1_001);

    expect(history.strongViolations()).toEqual([]);
    expect(history.worstStalenessMs()).toBe(0);
  });

  it('lets a strong read go back while a write is under way, and a linearizable one never', () => {
    const history = abc();
    read(history, 'c', 31, 32);
    read(history, 'b', 33, 34);

    expect(history.strongViolations()).toEqual([]);
    expect(history.linearizabilityViolations()).toEqual([
      expect.stringContaining('somebody read b in [33.0, 34.0]: not linearizable: #2 had been read before'),
    ]);
  });

  it('lets linearizable reads that overlap see either', () => {
    const history = abc();
    read(history, 'c', 31, 34);
    read(history, 'b', 33, 36);

    expect(history.linearizabilityViolations()).toEqual([]);
  });

  it('takes a value that was written twice for the earlier one where that is possible', () => {
    const history = abc();
    history.wrote({ order: 3, value: 'a', begunAtMs: 50, acknowledgedAtMs: 60 });
    read(history, 'a', 15, 55);
    read(history, 'c', 56, 57);

    expect(history.linearizabilityViolations()).toEqual([]);
    read(history, 'a', 58, 59);
    read(history, 'c', 59.5, 59.9);
    expect(history.linearizabilityViolations()).toHaveLength(1);
  });
});
