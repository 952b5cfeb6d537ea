import { parseArgs } from 'node:util';
import { ALL_CASES } from './all-plays.js';
import type { Case } from './play.js';
import type { CaseReport, SchedulesReport, Share } from './report.js';
import { replayCase, runCase } from './run-cases.js';

const USAGE = `node main.js [--share ci|long] [--seed N] [--only play[/level[/adapters]]] [--samples N] [--replay play/level/adapters/seed]

Runs the real code under many orders of its steps, and says on its last line, as JSON, which promises were broken.`;
const DEFAULT_SEED = 20_261_120;

interface Order {
  readonly share: Share;
  readonly seed: number;
  readonly cases: readonly Case[];
  readonly run: (played: Case) => Promise<CaseReport>;
}

function orderOf(args: readonly string[]): Order {
  const { values } = parseArgs({
    args: [...args],
    options: {
      share: { type: 'string', default: 'ci' },
      seed: { type: 'string' },
      only: { type: 'string' },
      replay: { type: 'string' },
      samples: { type: 'string' },
    },
  });
  const { share, only, replay } = values;
  if (share !== 'ci' && share !== 'long') throw new Error(`There is no share ${share}`);
  const seed = Number(values.seed ?? DEFAULT_SEED);
  if (!Number.isSafeInteger(seed)) throw new Error(`${String(values.seed)} is no seed`);
  const samples = values.samples === undefined ? undefined : Number(values.samples);
  if (replay !== undefined) {
    const [, id = '', token = ''] = /^(.*)\/([^/]+)$/.exec(replay) ?? [];
    return { share, seed, cases: casesNamed(id), run: (played) => replayCase(played, token) };
  }

  return {
    share,
    seed,
    cases: only === undefined ? ALL_CASES : casesNamed(only),
    run: (played) => runCase(played, share, seed, samples),
  };
}

function casesNamed(name: string): readonly Case[] {
  const cases = ALL_CASES.filter(({ id }) => `${id}/`.startsWith(`${name}/`));
  if (cases.length === 0) throw new Error(`There is no play ${name}`);

  return cases;
}

async function main(): Promise<number> {
  const { share, seed, cases, run } = orderOf(process.argv.slice(2));
  const startedMs = performance.now();
  const plays: CaseReport[] = [];
  for (const played of cases) {
    const report = await run(played);
    plays.push(report);
    const outcome = report.violations.length === 0 ? 'kept' : 'BROKEN';
    process.stderr.write(`${played.id}: ${report.schedules} schedules, ${outcome}\n`);
    for (const violation of report.violations) process.stderr.write(`  ${violation}\n`);
  }
  const report: SchedulesReport = {
    part: 'schedules',
    share,
    seed,
    schedules: plays.reduce((sum, { schedules }) => sum + schedules, 0),
    seconds: Math.round((performance.now() - startedMs) / 10) / 100,
    plays,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);

  return plays.some(({ violations }) => violations.length > 0) ? 1 : 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n\n${USAGE}\n`);
    process.exitCode = 2;
  },
);
