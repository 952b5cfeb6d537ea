import type { RegistrationReport } from '../../reports/reports.types.js';
import { count, databaseTrips, duration, fault, type Scene, setConditions } from '../scene.js';
import { accepted } from '../visitor.js';

const CALLERS = 15;

export const reportScene: Scene = {
  title: 'Report: eventual, 5 min',
  promise: 'however many ask at once, the expensive query runs once at most; it began when the shop opened',
  naively: 'Nest’s CacheInterceptor on the page',

  async play(shop) {
    await setConditions(shop, { databaseLatencyMs: 20 });
    const before = await databaseTrips(shop);
    const answers = await Promise.all(
      Array.from({ length: CALLERS }, async () =>
        accepted(await shop.get<RegistrationReport>('/reports/registrations')),
      ),
    );
    const queries = (await databaseTrips(shop)) - before;
    await setConditions(shop, { databaseLatencyMs: 0 });
    const slowestMs = Math.max(...answers.map(({ askedAtMs, answeredAtMs }) => answeredAtMs - askedAtMs));

    return {
      figures: [
        ['callers at once', count(CALLERS)],
        ['expensive queries', count(queries)],
        ['slowest answer', duration(slowestMs)],
      ],
      broken: fault(queries > 1, `the expensive query ran ${count(queries)} times`),
    };
  },
};
