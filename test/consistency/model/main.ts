import { check } from './check.js';
import { CONFIGURATIONS } from './configurations/all.js';
import { configurationsOf, isAsExpected, reportOf, written, type ConfigurationReport } from './report.js';
import type { Share } from './configuration.js';

/*
 * The protocols, explored: `node main.js --share ci|long`. Progress goes to standard error; the last line of standard output
 * is a report (`report.ts`). Ends with 1 when anything came out otherwise than expected.
 */

const share: Share = process.argv[process.argv.indexOf('--share') + 1] === 'long' ? 'long' : 'ci';
const startedMs = performance.now();
const reports: ConfigurationReport[] = [];

for (const configuration of configurationsOf(CONFIGURATIONS, share)) {
  const begunMs = performance.now();
  const report = check(configuration);
  reports.push(report);
  const seconds = ((performance.now() - begunMs) / 1000).toFixed(1);
  const surprise = isAsExpected(report) ? '' : `, expected: ${report.expected}`;
  console.error(`${report.outcome.padEnd(5)} ${report.states} states, ${seconds} s  ${report.name}${surprise}`);
  if (!isAsExpected(report) && report.trace !== undefined) console.error(written(report.trace));
}

const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
console.log(JSON.stringify(reportOf(share, seconds, reports)));
process.exitCode = reports.every(isAsExpected) ? 0 : 1;
