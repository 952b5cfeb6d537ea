// Produces the evidence for what the levels promise, and writes it into docs/explanation/evidence.md:
//
//   npm run verify                                   everything, for about an hour on two cores
//   npm run verify -- --share ci                     the short version of it, which the tests run as well
//   npm run verify -- --parts model,schedules        some of it; the page keeps the latest report of each other part
//   npm run verify -- --seconds-per-fault 30 --seed 7
//
// Ends with 0 when every promise was kept, every planted fault was found and every mutant was killed.
import { Buffer } from 'node:buffer';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { compileTree } from './compile-tree.mjs';
import { evidencePage } from './evidence.mjs';

const ROOT = join(import.meta.dirname, '..');
const REPORTS = join(ROOT, '.verify');
const PAGE = join(ROOT, 'docs/explanation/evidence.md');
const PEERS = ['cache-manager', 'bentocache', 'cacheable', 'type-cacheable', 'cachified'];
const PARTS = ['model', 'schedules', 'mutants', 'harness', 'peers'];

const { values } = parseArgs({
  options: {
    share: { type: 'string', default: 'long' },
    parts: { type: 'string' },
    seed: { type: 'string', default: '1' },
    'seconds-per-fault': { type: 'string' },
  },
});
const { share, seed } = values;
// Peers are installed apart, and are looked at in the long version alone.
const parts = values.parts?.split(',') ?? PARTS.filter((part) => share === 'long' || part !== 'peers');
const unknown = parts.find((part) => !PARTS.includes(part));
if (unknown !== undefined) throw new Error(`There is no part '${unknown}': ${PARTS.join(', ')}`);

const perFault = values['seconds-per-fault'];
const harness = (...args) => [
  'harness',
  ['--seed', seed, ...(perFault ? ['--seconds-per-fault', perFault] : []), ...args],
];
const RUNS = {
  // The short share has the worlds without a guard, the long one the large worlds.
  model: () => (share === 'long' ? ['ci', 'long'] : ['ci']).map((each) => ['model', ['--share', each]]),
  schedules: () => [['schedules', ['--share', share, '--seed', seed]]],
  mutants: () => [['mutants', []]],
  harness: () => [harness('--share', share)],
  peers: () => [
    ['harness', ['--share', 'peer', '--seed', seed]],
    ...PEERS.map((peer) => ['harness', ['--share', 'peer', '--peer', peer, '--seed', seed]]),
  ],
};

mkdirSync(REPORTS, { recursive: true });
if (parts.includes('peers'))
  execFileSync('npm', ['ci', '--prefix', 'bench', '--silent'], { cwd: ROOT, stdio: 'inherit' });
const tree = await compileTree('tests');
let failed = false;
try {
  for (const part of parts) {
    const reports = [];
    for (const [program, args] of RUNS[part]()) {
      console.error(`\n${program} ${args.join(' ')}`);
      const { code, report } = await run(tree.pathOf(`test/consistency/${program}/main.ts`), args);
      // A peer that serves stale data is a finding, not a failure of ours.
      if (code !== 0 && !args.includes('--peer')) failed = true;
      if (report === undefined) throw new Error(`${program} ended with ${code} and without a report`);
      reports.push(report);
    }
    writeFileSync(join(REPORTS, `${part}.json`), JSON.stringify({ ...where(), reports }, undefined, 2));
  }
} finally {
  tree.remove();
}

const found = Object.fromEntries(
  PARTS.filter((part) => existsSync(join(REPORTS, `${part}.json`))).map((part) => [
    part,
    JSON.parse(readFileSync(join(REPORTS, `${part}.json`), 'utf8')),
  ]),
);
if (share === 'long') {
  const options = await resolveConfig(PAGE);
  writeFileSync(PAGE, await format(evidencePage(found), { ...options, parser: 'markdown' }));
  console.error('\ndocs/explanation/evidence.md is written');
}
process.exitCode = failed ? 1 : 0;

function where() {
  const git = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();

  return {
    commit: git('rev-parse', '--short', 'HEAD'),
    isClean: git('status', '--porcelain', '--', 'src', 'test') === '',
    date: new Date().toISOString().slice(0, 10),
    machine: `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`,
  };
}

/** Each program writes progress to standard error, and its report, as JSON, into its last line of output. */
function run(main, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    const output = [];
    child.stdout.on('data', (part) => output.push(part));
    child.once('error', reject);
    child.once('close', (code) => {
      const last = Buffer.concat(output).toString().trim().split('\n').at(-1) ?? '';
      resolve({ code, report: last.startsWith('{') ? JSON.parse(last) : undefined });
    });
  });
}
