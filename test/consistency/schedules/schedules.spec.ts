import { beforeAll, expect, it } from '@jest/globals';
import { compileTree } from '../../../scripts/compile-tree.mjs';
import { runProgram } from '../run-program.js';
import { ALL_CASES } from './all-plays.js';
import type { SchedulesReport } from './report.js';

/** Another seed shows other orders; a violation names what repeats it. */
const SEED = '20261120';
/** A few seconds of one core for all of them together; a machine may be busy. */
const PATIENCE_MS = 120_000;

let report: SchedulesReport;
beforeAll(async () => {
  const tree = await compileTree('tests');
  try {
    const main = tree.pathOf('test/consistency/schedules/main.ts');
    const { lastLine, told } = await runProgram(main, ['--share', 'ci', '--seed', SEED]);
    if (lastLine === '') throw new Error(`the schedules ended without a report: ${told}`);
    report = JSON.parse(lastLine) as SchedulesReport;
  } finally {
    tree.remove();
  }
}, PATIENCE_MS);

it.each(ALL_CASES)('the promise of $id holds in every order that is tried', ({ play, level, adapters }) => {
  const played = report.plays.find(
    (each) => each.name === play.name && each.level === level && each.adapters === adapters,
  );

  expect(played?.violations).toEqual([]);
  expect(played?.schedules).toBeGreaterThan(1);
});

it('some thousands of orders were tried', () => {
  expect(report.schedules).toBeGreaterThan(5_000);
});
