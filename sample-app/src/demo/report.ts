import type { Outcome, Scene } from './scene.js';

const LABEL_WIDTH = 50;
const COLUMN_WIDTH = 14;

/** Both shops in one scene. */
export interface Comparison {
  readonly scene: Scene;
  readonly ours: Outcome;
  readonly naive: Outcome;
}

/** One scene as a table: a line for each figure, a column for each shop. */
export function tableOf({ scene, ours, naive }: Comparison): string {
  const lines = ours.figures.map(([label, value], index) => row(label, value, naive.figures[index]?.[1] ?? ''));

  return [
    '',
    scene.title,
    `  Promise: ${scene.promise}.`,
    `  Naively: ${scene.naively}.`,
    '',
    row('', 'this library', 'naive'),
    ...lines,
    row('promise kept', verdictOf(ours), verdictOf(naive)),
  ].join('\n');
}

/** What remains of the visit: each promise in one line, and how ours was broken where it was. */
export function summaryOf(comparisons: readonly Comparison[]): string {
  const kept = (each: readonly Outcome[]) =>
    `${each.filter(({ broken }) => broken.length === 0).length} of ${each.length}`;
  const faults = comparisons.flatMap(({ scene, ours }) => ours.broken.map((broken) => `  ${scene.title}: ${broken}`));

  return [
    '',
    'Promises kept',
    row('', 'this library', 'naive'),
    ...comparisons.map(({ scene, ours, naive }) => row(scene.title, verdictOf(ours), verdictOf(naive))),
    row('', kept(comparisons.map(({ ours }) => ours)), kept(comparisons.map(({ naive }) => naive))),
    ...(faults.length === 0 ? [] : ['', 'Broken by this library:', ...faults]),
  ].join('\n');
}

const verdictOf = ({ broken }: Outcome): string => (broken.length === 0 ? 'yes' : 'NO');

function row(label: string, ours: string, naive: string): string {
  return `    ${label.padEnd(LABEL_WIDTH)}${ours.padStart(COLUMN_WIDTH)}${naive.padStart(COLUMN_WIDTH)}`;
}
