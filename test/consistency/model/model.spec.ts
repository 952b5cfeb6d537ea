import { beforeAll, describe, expect, it } from '@jest/globals';
import { compileTree } from '../../../scripts/compile-tree.mjs';
import { runProgram } from '../run-program.js';
import { CONFIGURATIONS } from './configurations/all.js';
import { configurationsOf, type ModelReport } from './report.js';
import { BOUNDED_GUARDS } from './timed/bounded-state.js';
import { SESSION_GUARDS } from './timed/session-guards.js';
import { GUARDS } from './versioned/guards.js';

/** Some ten seconds of one core; a machine may be busy. */
const PATIENCE_MS = 120_000;

describe('the protocols, in every interleaving of a small world', () => {
  let report: ModelReport;
  beforeAll(async () => {
    const tree = await compileTree('tests');
    try {
      const main = tree.pathOf('test/consistency/model/main.ts');
      const { lastLine, told } = await runProgram(main, ['--share', 'ci']);
      if (lastLine === '') throw new Error(`the model ended without a report: ${told}`);
      report = JSON.parse(lastLine) as ModelReport;
    } finally {
      tree.remove();
    }
  }, PATIENCE_MS);

  it.each(configurationsOf(CONFIGURATIONS, 'ci'))('$name: $expected', ({ name, expected }) => {
    const { outcome, trace } = report.configurations.find((each) => each.name === name) ?? {};

    expect({ outcome, trace }).toEqual({
      outcome: expected,
      trace: expected === 'fails' ? expect.any(Array) : undefined,
    });
  });
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
