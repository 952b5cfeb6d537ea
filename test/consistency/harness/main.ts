import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runHarness, type HarnessOptions } from './run-harness.js';
import { hasViolations } from './report.js';

/*
 * node main.js --share ci|long|peer [--seed N] [--only fault] [--instances 3] [--seconds-per-fault S] [--keep folder]
 * node main.js --peer name [--bench folder] …
 *
 * The last line on standard output is the report. Ends with 0, with 1 when a promise was broken, with 2 when it could not run.
 */

const { values } = parseArgs({
  options: {
    share: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    instances: { type: 'string', default: '3' },
    'seconds-per-fault': { type: 'string' },
    keep: { type: 'string' },
    peer: { type: 'string' },
    bench: { type: 'string', default: 'bench' },
  },
});

try {
  const options: HarnessOptions = {
    share: values.share ?? (values.peer === undefined ? 'ci' : 'peer'),
    seed: Number(values.seed),
    only: values.only,
    instances: Number(values.instances),
    secondsPerFault: values['seconds-per-fault'] === undefined ? undefined : Number(values['seconds-per-fault']),
    keep: values.keep,
    peer: values.peer === undefined ? undefined : { name: values.peer, folder: resolve(values.bench) },
  };
  const report = await runHarness(options);
  process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exitCode = hasViolations(report) ? 1 : 0;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 2;
}
