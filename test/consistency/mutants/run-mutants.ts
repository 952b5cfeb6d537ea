import type { compileTree } from '../../../scripts/compile-tree.mjs';
import { runProgram } from '../run-program.js';
import type { SchedulesReport } from '../schedules/report.js';
import type { Mutant } from './mutant.js';
import type { MutantReport } from './report.js';

/** Without a guard something may go round in circles, which is a way to be found out as well. */
const TIME_LIMIT_MS = 120_000;
/** Enough that a fault which needs four of some thirty steps in one order shows. */
const SAMPLES = 8_000;
/** What the program of the schedules says when a promise was broken. */
const BROKEN = 1;

/** Compiles the library with a guard switched off, and looks whether the schedules find it out. */
export async function runMutant(mutant: Mutant, compile: typeof compileTree): Promise<MutantReport> {
  const startedMs = performance.now();
  const tree = await compile('tests', mutant.changes);
  try {
    const only = mutant.play === undefined ? [] : ['--only', mutant.play];
    const args = ['--share', 'ci', '--samples', String(mutant.samples ?? SAMPLES), ...only];
    const main = tree.pathOf('test/consistency/schedules/main.ts');
    const { code, lastLine } = await runProgram(main, args, TIME_LIMIT_MS);
    const seconds = Math.round((performance.now() - startedMs) / 10) / 100;
    const { name, guard } = mutant;

    return { name, guard, by: 'schedules', seconds, ...verdictOf(code, lastLine) };
  } finally {
    tree.remove();
  }
}

function verdictOf(code: number | null, lastLine: string): { readonly killed: boolean; readonly how: string } {
  if (code === null) return { killed: true, how: `it did not end within ${TIME_LIMIT_MS} ms` };
  if (code === 0) return { killed: false, how: 'every promise was kept' };
  if (code !== BROKEN) return { killed: false, how: `the schedules could not run, and ended with ${code}` };
  const report = JSON.parse(lastLine) as SchedulesReport;

  return { killed: true, how: report.plays.flatMap(({ violations }) => violations)[0] ?? '' };
}
