/** The aims of the scenarios over Redis, judged by figures of this very run. */
import { rateOf, summarise } from './harness/measure.mjs';
import { aim, milliseconds, nanoseconds, percent } from './harness/table.mjs';

const RATE_OF_RAW = 0.8;
const COPY_NS = 1500;
/** What an eviction takes by itself; the aims count what comes on top of it. */
const EVICTION_TRIPS = 1;
const STRONG_WRITE_TRIPS = 1;
const LINEARIZABLE_WRITE_TRIPS = 3;
/** How old the proof may be by which a copy is served. */
const PROOF_MS = 1000;
/** By this the aim holds; four tags are shown and not judged. */
const JUDGED = new Set(['ours, strong, no tag', 'ours, strong, 1 tag', 'ours, strong, 2 tags']);

export function judgeOverRedis({ redisHits = [], copies = [], roundTrips, outages = [], staleness }) {
  return [
    ...redisHits.map(judgeRedisHit),
    ...copies.map(judgeCopy),
    ...(roundTrips ? judgeRoundTrips(roundTrips) : []),
    ...outages.map(judgeOutage),
    ...(staleness ? [judgeStaleness(staleness)] : []),
  ];
}

function judgeRedisHit({ bytes, inFlight, measured: [raw, ...others] }) {
  const rates = others
    .filter(({ name }) => JUDGED.has(name))
    .map((entry) => ({ name: entry.name, rate: rateOf(entry, raw) }));
  const { name, rate } = rates.reduce((a, b) => (b.rate < a.rate ? b : a));
  const what = `${bytes / 1000} KB over Redis, ${inFlight} in flight`;

  return aim(
    `hit of ${what}: ≥ 80 % of a raw GET's rate, up to 2 tags`,
    `${percent(rate)} (${name})`,
    rate >= RATE_OF_RAW,
  );
}

function judgeCopy({ bytes, measured, askedRedis }) {
  const { median } = summarise(measured.find(({ ours }) => ours).nanoseconds);
  const figure = `${nanoseconds(median)}, ${askedRedis} reads of Redis`;

  return aim(`hit on a copy of ${bytes / 1000} KB ≤ 1.5 µs`, figure, median <= COPY_NS && askedRedis === 0);
}

function judgeRoundTrips(counted) {
  const tripsOf = (level, operation) =>
    counted.find((each) => each.name === `ours, ${level}` && each.operation === operation).roundTrips;
  const hit = Math.max(...['strong', 'linearizable'].map((level) => tripsOf(level, 'a hit')));
  const copy = tripsOf('bounded', 'a hit');
  const strong = tripsOf('strong', 'a write with its eviction') - EVICTION_TRIPS;
  const linearizable = tripsOf('linearizable', 'a write with its eviction') - EVICTION_TRIPS;

  return [
    aim('a hit over Redis is one round trip, on a copy none', `${hit} and ${copy}`, hit <= 1 && copy === 0),
    aim('a strong write: ≤ 1 round trip beyond that of the eviction', `${strong}`, strong <= STRONG_WRITE_TRIPS),
    aim('a linearizable write: ≤ 3 beyond it', `${linearizable}`, linearizable <= LINEARIZABLE_WRITE_TRIPS),
  ];
}

function judgeOutage({ fault, faultMs, measured }) {
  const shares = measured.filter(({ ours }) => ours).map(({ result }) => result?.inTime ?? 0);
  const peers = measured.filter(({ ours }) => !ours).map(({ result }) => result?.inTime ?? 0);
  const what = `Redis ${fault} for ${faultMs / 1000} s`;
  const figure = `${percent(Math.min(...shares), 2)} (the peers ${percent(Math.min(...peers), 2)} to ${percent(Math.max(...peers))})`;

  return aim(
    `${what}: 100 % answered within 1 s`,
    figure,
    shares.every((share) => share === 1),
  );
}

function judgeStaleness({ measured }) {
  const ours = measured.filter((entry) => entry.ours);
  const most = Math.max(...ours.flatMap(({ staleForMs }) => staleForMs));
  const left = ours.reduce((sum, { oldAtTheEnd }) => sum + oldAtTheEnd, 0);

  return aim('a copy outlives an acknowledged eviction by ≤ 1 s', milliseconds(most), most <= PROOF_MS && left === 0);
}
