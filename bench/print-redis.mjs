/** What a reader sees of the scenarios over Redis. */
import { rateOf, ratioTo, summarise } from './harness/measure.mjs';
import { milliseconds, nanoseconds, percent, span, table, times } from './harness/table.mjs';
import { heading, kilobytes, say } from './print.mjs';

export function printRedisHits({ bytes, inFlight, measured }) {
  heading(`A hit over Redis, value of ${kilobytes(bytes)}, ${inFlight} in flight`);
  const [raw] = measured;
  const rows = measured.map((entry) => {
    const { median, min, max } = summarise(entry.nanoseconds);

    return [
      entry.name,
      entry.keys ?? '',
      nanoseconds(median),
      span({ min, max }, nanoseconds),
      percent(rateOf(entry, raw)),
    ];
  });
  say(table(['', 'keys of the read', 'median a call', 'min – max', 'rate of a raw GET'], rows));
}

export function printCopies({ bytes, measured, askedRedis }) {
  heading(`A hit on a copy in the process, in front of Redis, value of ${kilobytes(bytes)}`);
  const [floor] = measured;
  const rows = measured.map((entry) => {
    const { median, min, max } = summarise(entry.nanoseconds);
    const ratio = ratioTo(floor.nanoseconds, entry.nanoseconds).median;

    return [entry.name, nanoseconds(median), span({ min, max }, nanoseconds), times(ratio), entry.protection];
  });
  say(table(['', 'median', 'min – max', 'of a bare Map', "a caller's change"], rows));
  say(`\nReads that Redis saw meanwhile: ${askedRedis}.`);
}

export function printRoundTrips(counted) {
  heading('What one operation asks of Redis');
  const rows = counted.map(({ name, operation, roundTrips, sent }) => [
    name,
    operation,
    roundTrips,
    sent.length,
    sent.map(commandText).join(', '),
  ]);
  say(table(['', 'operation', 'round trips', 'commands', 'which'], rows));
}

function commandText({ name, keys }) {
  return name === 'MGET' ? `MGET of ${keys}` : name;
}

export function printOutage({ fault, faultMs, perSecond, originMs, keys, measured }) {
  const what = fault === 'paused' ? 'stopped in its tracks' : 'down';
  heading(`Redis is ${what} for ${faultMs / 1000} s`);
  const rows = measured.map(({ name, result }) =>
    result === undefined
      ? [name, 'its process ended', '', '', '', '', '', '']
      : [
          name,
          percent(result.inTime, 2),
          result.failed,
          milliseconds(result.p50),
          milliseconds(result.p99),
          milliseconds(result.max),
          result.loadsPerSecond.toFixed(0),
          percent(result.afterwards),
        ],
  );
  say(
    table(
      ['', 'answered within 1 s', 'failed', 'p50', 'p99', 'max', 'origin, loads a second', 'in time, 1 s afterwards'],
      rows,
    ),
  );
  say(
    `\n${perSecond} reads a second over ${keys} cached keys, whatever becomes of them; the origin takes ${originMs} ms.`,
  );
}

export function printStaleness({ writesPerSecond, forMs, measured }) {
  heading('How long a copy outlives an eviction that another instance has acknowledged');
  const rows = measured.map(({ name, isCutOff, staleForMs, oldAtTheEnd }) => {
    const sorted = [...staleForMs].sort((a, b) => a - b);

    return [
      `${name}${isCutOff ? ', its listening connection silent' : ''}`,
      sorted.length,
      percent(sorted.filter((ms) => ms === 0).length / sorted.length),
      milliseconds(sorted[sorted.length >> 1]),
      milliseconds(sorted[Math.floor(sorted.length * 0.99)]),
      milliseconds(sorted.at(-1)),
      oldAtTheEnd,
    ];
  });
  say(table(['', 'evictions', 'never seen late', 'p50', 'p99', 'max', 'keys old at the end'], rows));
  say(
    `\n${writesPerSecond} writes a second for ${forMs / 1000} s; the other instance reads all 100 keys all the time.`,
  );
}
