/** What a reader sees. Medians and the spread; nothing here decides whether an aim is met. */
import { added, ratioTo, summarise } from './harness/measure.mjs';
import { nanoseconds, span, table, times } from './harness/table.mjs';

export function printHits({ bytes, measured, atTheirBest }) {
  heading(`A hit, value of ${kilobytes(bytes)}`);
  const [baseline] = measured;
  const best = new Map(atTheirBest.map((entry) => [entry.name, entry]));
  const rows = measured.map((entry) => {
    const { median, min, max } = summarise(entry.nanoseconds);
    const ratio = ratioTo(baseline.nanoseconds, entry.nanoseconds);
    const alone = best.get(entry.name);

    return [
      entry.name,
      nanoseconds(median),
      span({ min, max }, nanoseconds),
      times(ratio.median),
      entry.protection,
      alone ? nanoseconds(summarise(alone.nanoseconds).median) : '',
    ];
  });
  say(table(['', 'median', 'min – max', 'of a bare Map', "a caller's change", 'no async context'], rows));
}

export function printMisses(measured) {
  heading('A miss over the bare loader, value of 1 KB');
  const [loader] = measured;
  const rows = measured.map((entry) => {
    const { median, min, max } = summarise(entry.nanoseconds);

    return [
      entry.name,
      nanoseconds(median),
      span({ min, max }, nanoseconds),
      entry === loader ? '' : nanoseconds(added(loader, entry)),
    ];
  });
  say(table(['', 'median', 'min – max', 'added'], rows));
}

export function printPromises(counted) {
  heading('Promises made, the await included');
  say(
    table(
      ['', 'a hit', 'a miss'],
      counted.map(({ name, hit, miss }) => [name, hit, miss]),
    ),
  );
}

export function printStampede(measured) {
  heading('1,000 callers on a cold key');
  const rows = measured.map((entry) => {
    const loads = summarise(entry.loads);
    const { median, min, max } = summarise(entry.milliseconds.map((value) => value * 1e6));

    return [
      entry.name,
      loads.min === loads.max ? loads.median : `${loads.min} – ${loads.max}`,
      nanoseconds(median),
      span({ min, max }, nanoseconds),
    ];
  });
  say(table(['', 'loads', 'median time', 'min – max'], rows));
}

export function printMemory({ entries, bytes, measured }) {
  heading(`Heap an entry, ${entries.toLocaleString('en')} entries of ${kilobytes(bytes)} (as JSON)`);
  const [alone] = measured;
  const rows = measured.map((entry) => [
    entry.name,
    Math.round(entry.bytesPerEntry),
    entry === alone ? '' : Math.round(entry.bytesPerEntry - alone.bytesPerEntry),
  ]);
  say(table(['', 'bytes an entry', 'beyond the value'], rows));
}

export function printBreakdown({ layers, alone }) {
  heading('Where the time of one of our hits goes, value of 1 KB');
  const medians = layers.map((layer) => summarise(layer.nanoseconds).median);
  const row = (name, ns) => [name, nanoseconds(ns), `${((100 * ns) / medians.at(-1)).toFixed(0)} %`];
  // Differences of medians, so that the layers sum up to the whole.
  const rows = layers.map(({ name }, index) => row(name, medians[index] - (medians[index - 1] ?? 0)));
  say(table(['', 'adds', 'share'], [...rows, row('the whole call', medians.at(-1))]));
  const [empty, ...parts] = alone;
  const single = parts.map((part) => `${part.name} ${nanoseconds(added(empty, part))}`);
  say(`\nTimed alone: ${single.join(', ')}.`);
}

export function printNeighbour(measured) {
  heading('A method without a decorator, awaited');
  say(table(['', 'median', 'min – max'], measured.map(timesOf)));
}

function timesOf({ name, nanoseconds: samples }) {
  const { median, min, max } = summarise(samples);

  return [name, nanoseconds(median), span({ min, max }, nanoseconds)];
}

export function printAims(judged) {
  heading('Aims');
  say(
    table(
      ['aim', 'figure', 'verdict'],
      judged.map(({ aim, figure, verdict }) => [aim, figure, verdict]),
    ),
  );
}

/** All that was said, for the page that keeps it. */
export const said = [];

export function say(text) {
  said.push(text);
  console.log(text);
}

export function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(bytes % 1000 ? 1 : 0)} KB`;
}

export function heading(text) {
  say(`\n### ${text}\n`);
}
