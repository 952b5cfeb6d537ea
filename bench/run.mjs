/**
 * Speed beside the peers. `npm run bench` builds the library, installs the peers and runs this file;
 * `node --expose-gc bench/run.mjs --quick --only hit,memory --json out.json` does a part of it.
 * `--page` keeps the figures in docs/reference/benchmarks.md, `--peers-only` needs no build.
 */
import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { judge } from './aims.mjs';
import { judgeOrigin } from './aims-origin.mjs';
import { allContenders } from './contenders/all.mjs';
import { runScenario } from './harness/child.mjs';
import { measureOrigin } from './measure-origin.mjs';
import { measureOverRedis, REDIS_SCENARIOS } from './measure-redis.mjs';
import {
  printAims,
  printBreakdown,
  printHits,
  printMemory,
  printMisses,
  printNeighbour,
  printPromises,
  printStampede,
  said,
  say,
} from './print.mjs';

const IN_PROCESS = ['hit', 'miss', 'promises', 'stampede', 'memory', 'neighbour', 'breakdown'];
/** Stands in a section of its own on the page, so that it can be run alone. */
const ORIGIN = 'origin';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    page: { type: 'string' },
    only: { type: 'string', default: [...IN_PROCESS, ...REDIS_SCENARIOS, ORIGIN].join(',') },
    'peers-only': { type: 'boolean', default: false },
  },
});
/** The baseline of the memory scenario. */
const VALUES_ALONE = 'values alone, in an array';
const MARKER = '<!-- figures of one run, written by: npm run bench -- --page docs/reference/benchmarks.md -->';
const ORIGIN_MARKER =
  '<!-- figures of one run, written by: npm run bench -- --only origin --page docs/reference/benchmarks.md -->';
const wanted = new Set(flags.only.split(','));
const withOurs = !flags['peers-only'];
const rounds = flags.quick ? 15 : 101;
const batchMs = flags.quick ? 1 : 2;
const entries = flags.quick ? 20_000 : 100_000;

const result = { machine: describeMachine(), quick: flags.quick };
say(result.machine);
if (flags.quick) say('\nQuick run: fewer rounds, shorter batches; for a look, not for a claim.');

if (wanted.has('hit')) {
  result.hits = [];
  for (const bytes of [1000, 20_000]) {
    const measured = await runScenario('hit.mjs', { bytes, rounds, batchMs, withOurs });
    const atTheirBest = await runScenario('hit.mjs', { bytes, rounds, batchMs, withOurs: false });
    result.hits.push({ bytes, measured, atTheirBest });
    printHits(result.hits.at(-1));
  }
}
if (wanted.has('miss')) {
  result.misses = await runScenario('miss.mjs', { bytes: 1000, rounds, batchMs, withOurs });
  printMisses(result.misses);
}
if (wanted.has('promises')) {
  result.promises = await runScenario('promises.mjs', { bytes: 1000, withOurs });
  printPromises(result.promises);
}
if (wanted.has('stampede')) {
  result.stampede = await runScenario('stampede.mjs', { bytes: 1000, rounds: flags.quick ? 10 : 41, withOurs });
  printStampede(result.stampede);
}
if (wanted.has('memory')) {
  result.memory = { entries, bytes: 900, measured: await measureMemory() };
  printMemory(result.memory);
}
if (wanted.has('neighbour') && withOurs) {
  result.neighbour = await runScenario('neighbour.mjs', { rounds, batchMs });
  printNeighbour(result.neighbour);
}
if (wanted.has('breakdown') && withOurs) {
  result.breakdown = await runScenario('breakdown.mjs', { bytes: 1000, rounds, batchMs });
  printBreakdown(result.breakdown);
}
Object.assign(result, await measureOverRedis({ wanted, quick: flags.quick, withOurs }));
if (withOurs) {
  result.aims = judge(result);
  if (result.aims.length > 0) printAims(result.aims);
}
if (flags.page && flags.only !== ORIGIN) await keepOnPage(flags.page, MARKER, said);
if (wanted.has(ORIGIN)) {
  const saidBefore = said.length;
  Object.assign(result, await measureOrigin({ quick: flags.quick, withOurs }));
  const aims = withOurs ? judgeOrigin(result) : [];
  if (aims.length > 0) printAims(aims);
  if (flags.page) await keepOnPage(flags.page, ORIGIN_MARKER, [result.machine, ...said.slice(saidBefore)]);
}
if (flags.json) await writeFile(flags.json, JSON.stringify(result, null, 2));

async function measureMemory() {
  const names = (await allContenders({ withOurs })).map(({ name }) => name);
  const measured = [];
  for (const name of [VALUES_ALONE, ...names]) {
    const empty = await runScenario('memory.mjs', { name, bytes: 900, entries: 0, withOurs });
    const full = await runScenario('memory.mjs', { name, bytes: 900, entries, withOurs });
    measured.push({ name, ours: full.ours, bytesPerEntry: (full.settled - empty.settled) / entries });
  }

  return measured;
}

/** Replaces what stands on a page after a marker, up to the next part of the page, by what this run said. */
async function keepOnPage(path, marker, lines) {
  const page = await readFile(path, 'utf8');
  const [upToMarker, after] = page.split(marker);
  if (after === undefined) throw new Error(`${path} has no line ${marker}`);
  const nextPart = after.indexOf('\n## ');
  const figures = lines.join('\n').replaceAll('\n\n\n', '\n\n').trim();
  await writeFile(path, `${upToMarker}${marker}\n\n${figures}\n${nextPart < 0 ? '' : after.slice(nextPart)}`);
}

function describeMachine() {
  const cpus = os.cpus();
  const load = os.loadavg()[0].toFixed(2);

  return `Node ${process.version}, ${cpus.length} × ${cpus[0].model}, ${os.platform()} ${os.arch()}, load before the run ${load}`;
}
