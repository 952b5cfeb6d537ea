import { setTimeout as sleep } from 'node:timers/promises';
import type { Quote } from '../../shipping/shipping.types.js';
import { carrierRequests, count, duration, fault, type Scene, setConditions } from '../scene.js';
import { accepted, type Answer } from '../visitor.js';

const TTL_MS = 2_000;
const ON_ERROR_MS = 8_000;
const POLL_MS = 100;
const OUTAGE_MS = ON_ERROR_MS + 1_500;

export const carrierScene: Scene = {
  title: 'Shipping rates: eventual, stale on error',
  promise: 'when the carrier fails, a rate up to 8 s old is served and marked as stale; after that, the error',
  naively: 'wrap for 2 s',

  async play(shop) {
    const path = '/shipping/rates?country=DE&grams=1500';
    const first = accepted(await shop.get<Quote>(path));
    await setConditions(shop, { carrier: 'down' });
    const before = await carrierRequests(shop);

    const answers: Answer<Quote>[] = [];
    while (performance.now() - first.answeredAtMs < OUTAGE_MS) {
      answers.push(await shop.get<Quote>(path));
      await sleep(POLL_MS);
    }
    const requests = (await carrierRequests(shop)) - before;
    await setConditions(shop, { carrier: 'up' });

    const served = answers.filter(({ status }) => status === 200);
    const agesMs = served.map((answer) => performance.timeOrigin + answer.askedAtMs - quotedAt(answer));
    const unmarked = served.filter((answer, index) => (agesMs[index] ?? 0) > TTL_MS && !isMarkedStale(answer)).length;
    const oldestMs = Math.max(0, ...agesMs);
    const early = answers.filter(
      // The bound counts from when the first rate was asked for, which was after the demo asked.
      ({ status, answeredAtMs }) => status >= 500 && answeredAtMs - first.askedAtMs < ON_ERROR_MS,
    ).length;

    return {
      figures: [
        ['questions during the outage', count(answers.length)],
        ['answered', count(served.length)],
        ['of these marked as stale', count(served.filter(isMarkedStale).length)],
        ['refused although a rate under 8 s old was there', count(early)],
        ['oldest rate served', duration(oldestMs)],
        ['requests to the failing carrier', count(requests)],
      ],
      broken: [
        ...fault(early > 0, `${count(early)} customers got an error although a rate within the bound was there`),
        ...fault(oldestMs > ON_ERROR_MS, `a rate ${duration(oldestMs)} old was served`),
        ...fault(unmarked > 0, `${count(unmarked)} stale rates were not marked`),
      ],
    };
  },
};

const quotedAt = ({ body }: Answer<Quote>): number => Date.parse(body.quotedAt);

/** RFC 9211: a cache that answers with less than nothing left of an entry's lifetime says so. */
const isMarkedStale = ({ headers }: Answer<Quote>): boolean => /hit;.*ttl=-/.test(headers.get('cache-status') ?? '');
