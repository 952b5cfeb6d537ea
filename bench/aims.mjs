/** The aims, each judged by figures of this very run; a missed aim is printed as missed. */
import { judgeOverRedis } from './aims-redis.mjs';
import { added, ratioTo, shareAhead, summarise } from './harness/measure.mjs';
import { aim, nanoseconds, times } from './harness/table.mjs';

const HIT_NS = 1000;
const MISS_NS = 10_000;
const ENTRY_BYTES = 2048;
/** What two runs of one scenario differ by on an idle machine. */
const RUN_TO_RUN = 1.1;

/** @returns {{ aim: string, figure: string, verdict: string }[]} */
export function judge(result) {
  const { hits = [], misses, stampede, memory, neighbour } = result;

  return [
    ...hits.flatMap(judgeHits),
    ...(hits.length === 2 ? [judgeSize(hits)] : []),
    ...(misses ? [judgeMiss(misses)] : []),
    ...(stampede ? [judgeStampede(stampede)] : []),
    ...(memory ? [judgeMemory(memory)] : []),
    ...(neighbour ? [judgeNeighbour(neighbour)] : []),
    ...judgeOverRedis(result),
  ];
}

function judgeHits({ bytes, measured, atTheirBest }) {
  const hit = `hit of ${bytes / 1000} KB`;
  const slowest = worst(measured.filter(isShared), medianNs);
  const quickest = best(measured.filter(isPeer), medianNs);
  const ahead = ratioTo(slowest.nanoseconds, quickest.nanoseconds).median;
  const rounds = `${Math.round(100 * shareAhead(slowest.nanoseconds, quickest.nanoseconds))} % of rounds`;
  const alone = best(atTheirBest.filter(isPeer), medianNs);
  const aloneAhead = medianNs(alone) / medianNs(slowest);

  return [
    aim(
      `${hit} ≤ 1 µs, at every level`,
      `${nanoseconds(medianNs(slowest))} (${slowest.name})`,
      medianNs(slowest) <= HIT_NS,
    ),
    aim(
      `${hit} ahead of every peer`,
      `${quickest.name} takes ${times(ahead)} our slowest; we lead in ${rounds}`,
      ahead > 1,
    ),
    // Not an aim, but who has no async context in the process should know.
    {
      aim: '… where the peer has no async context',
      figure: `${alone.name} takes ${times(aloneAhead)} our slowest`,
      verdict: aloneAhead > 1 ? 'ahead' : 'behind',
    },
  ];
}

function judgeSize([small, large]) {
  const growths = small.measured.filter(isShared).map((entry) => {
    const other = large.measured.find(({ name }) => name === entry.name);
    return { name: entry.name, growth: medianNs(other) / medianNs(entry) };
  });
  const { name, growth } = worst(growths, (entry) => entry.growth);

  return aim('hit independent of the size', `20 KB takes ${times(growth)} 1 KB (${name})`, growth < RUN_TO_RUN);
}

function judgeMiss(misses) {
  const [loader] = misses;
  const ours = misses.filter((entry) => entry.ours);
  const slowest = worst(ours, (entry) => added(loader, entry));
  const addedNs = added(loader, slowest);

  return aim('miss adds < 10 µs', `${nanoseconds(addedNs)} (${slowest.name})`, addedNs < MISS_NS);
}

function judgeStampede(stampede) {
  const most = Math.max(...stampede.filter((entry) => entry.ours).flatMap((entry) => entry.loads));

  return aim('1,000 callers cause 1 load', `at most ${most}`, most === 1);
}

function judgeMemory({ measured: [alone, ...others], entries }) {
  const ours = others.filter((entry) => entry.ours);
  const largest = worst(ours, (entry) => entry.bytesPerEntry);
  const figure = `${Math.round(largest.bytesPerEntry)} (${largest.name}; the value alone ${Math.round(alone.bytesPerEntry)})`;

  return aim(
    `≤ ${ENTRY_BYTES} bytes of heap an entry, at ${entries.toLocaleString('en')}`,
    figure,
    largest.bytesPerEntry <= ENTRY_BYTES,
  );
}

/** "Nothing" means: no more than two identical plain classes differ from each other, or than 2 ns. */
function judgeNeighbour([neighbour, plain, another]) {
  const cost = added(plain, neighbour);
  const noise = Math.abs(added(plain, another));
  const figure = `${cost.toFixed(1)} ns (two plain classes differ by ${noise.toFixed(1)} ns)`;

  return aim('an undecorated neighbour pays nothing', figure, cost <= Math.max(2, noise));
}

/** A copy for each caller is a declared choice and costs what a copy costs; the aims are about the default. */
function isShared({ ours, protection }) {
  return ours && protection === 'frozen';
}

function isPeer({ ours, name }) {
  return !ours && name !== 'bare Map';
}

function medianNs(entry) {
  return summarise(entry.nanoseconds).median;
}

function worst(entries, cost) {
  return entries.reduce((a, b) => (cost(b) > cost(a) ? b : a));
}

function best(entries, cost) {
  return entries.reduce((a, b) => (cost(b) < cost(a) ? b : a));
}
