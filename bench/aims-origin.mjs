/** The aims of what an origin is asked, judged by figures of this very run. */
import { aim, milliseconds } from './harness/table.mjs';

const LIMIT = 5;
export function judgeOrigin({ origin = [] }) {
  return origin.flatMap((plan) => {
    const resultOf = (name) => plan.measured.find((entry) => entry.name === name)?.result;
    const safe = resultOf(
      plan.situation === 'lost' ? 'ours, strong and a limit of 5' : 'ours, early refresh and a limit of 5',
    );
    const ours = resultOf('ours');

    return ours === undefined || safe === undefined ? [] : JUDGES[plan.situation](plan, ours, safe);
  });
}

const JUDGES = {
  expiry: ({ originMs, ttlMs }, ours, safe) => [
    aim(
      'a hot key is loaded once an expiry, in all instances together',
      `${ours.perSecond.toFixed(1)} a second`,
      ours.perSecond <= (1000 / ttlMs) * 1.05,
    ),
    aim('with early refresh nobody waits for its load', `p99 ${milliseconds(safe.p99)}`, safe.p99 < originMs),
  ],
  cold: ({ keys, forMs }, ours) => {
    const calls = Math.round((ours.perSecond * forMs) / 1000);

    return [aim('from a cold start each key is loaded once', `${calls} loads of ${keys} keys`, calls <= keys)];
  },
  lost: ({ instances }, _ours, safe) => [
    aim(
      'without Redis the origin has no more at once than is declared',
      `${safe.mostAtOnce} of ${instances * LIMIT}`,
      safe.mostAtOnce <= instances * LIMIT && safe.unanswered === 0,
    ),
  ],
};
