import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type * as compilation from '../../../scripts/compile-tree.mjs';
import { MUTANTS } from './mutants.js';
import type { MutantReport, MutantsReport } from './report.js';
import { runMutant } from './run-mutants.js';

const USAGE = `node main.js [--only name]     in the top folder of the repository

Switches off one guard of the library at a time, and says on its last line, as JSON, which the schedules found out.`;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const mutants = MUTANTS.filter(({ name, killedBy }) => killedBy === 'schedules' && (values.only ?? name) === name);
  if (mutants.length === 0) throw new Error(`There is no mutant ${values.only ?? ''} for the schedules`);
  // From the sources and not from beside this file, which may itself be in a compiled tree.
  const { compileTree } = (await import(pathToFileURL(resolve('scripts/compile-tree.mjs')).href)) as typeof compilation;

  const reports: MutantReport[] = [];
  for (const mutant of mutants) {
    const report = await runMutant(mutant, compileTree);
    reports.push(report);
    process.stderr.write(
      `${report.killed ? 'killed' : 'SURVIVED'} ${report.name} (${report.seconds} s): ${report.how}\n`,
    );
  }
  const report: MutantsReport = { part: 'mutants', mutants: reports };
  process.stdout.write(`${JSON.stringify(report)}\n`);

  return reports.some(({ killed }) => !killed) ? 1 : 0;
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
