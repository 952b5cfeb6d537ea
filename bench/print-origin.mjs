/** What a reader sees of what an origin is asked. */
import { milliseconds, percent, table } from './harness/table.mjs';
import { heading, say } from './print.mjs';

const HEADINGS = {
  expiry: 'What the origin is asked while a hot key expires each second',
  cold: 'What the origin is asked from a cold start',
  lost: 'What the origin is asked while Redis is gone',
};

export function printOrigin({ situation, instances, keys, perSecond, originMs, forMs, measured }) {
  heading(HEADINGS[situation]);
  const rows = measured.map(({ name, result }) =>
    result === undefined
      ? [name, 'its process ended', '', '', '', '', '', '', '']
      : [
          name,
          result.perSecond.toFixed(1),
          result.peakPerSecond,
          result.mostAtOnce,
          milliseconds(result.p50),
          milliseconds(result.p99),
          milliseconds(result.max),
          result.failed,
          result.unanswered,
        ],
  );
  const headings = ['', 'calls a second', 'in the busiest', 'at once', 'p50', 'p99', 'max', 'failed', 'unanswered'];
  say(table(headings, rows));
  const of = keys === 1 ? 'one key' : `${keys} keys`;
  const inTime = measured.map(({ result }) => percent(result?.inTime ?? 0)).join(', ');
  say(
    `\n${perSecond} reads a second of ${of}, in ${instances} instances, for ${forMs / 1000} s; the origin takes ${originMs} ms. Answered within a second, in the order of the table: ${inTime}.`,
  );
}
