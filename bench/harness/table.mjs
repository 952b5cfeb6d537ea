/** Markdown tables, so that a run can be pasted into docs/reference/benchmarks.md as it is. */
export function table(headings, rows) {
  const cells = [headings, ...rows].map((row) => row.map(String));
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;

  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n');
}

export function nanoseconds(value) {
  if (value < 1000) return `${value.toFixed(0)} ns`;
  return value < 1e6 ? `${(value / 1000).toFixed(2)} µs` : `${(value / 1e6).toFixed(2)} ms`;
}

export function times(ratio) {
  return `${ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0)} ×`;
}

export function span({ min, max }, format) {
  return `${format(min)} – ${format(max)}`;
}

/** @param share 0 to 1 */
export function percent(share, digits = 0) {
  return `${(100 * share).toFixed(digits)} %`;
}

/** Undefined is what never came. */
export function milliseconds(value) {
  return value === undefined ? 'never' : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

/** A row of the last table: what was wanted, and what this run measured. */
export function aim(text, figure, isMet) {
  return { aim: text, figure, verdict: isMet ? 'met' : 'MISSED' };
}
