import { ConsistentCacheError } from '../errors/consistent-cache-error.js';
import { SHORTEST_BARE_NUMBER_MS, toMs } from '../time/duration.js';
import type { Duration } from '../time/duration.js';
import type { LoadLimits } from './load-limit.js';

/** What one origin can take. Loads that name the same origin share its slots, its queue and its breaker. */
export interface OriginOptions {
  /**
   * How many loads run at once, in each process.
   *
   * A load that missed its deadline gives its slot back, whether or not it stops working; let loads end with their signal.
   *
   * Unit: loads, a whole number from 1 up.
   * @default no limit
   */
  readonly concurrency?: number;
  /**
   * How many more wait until one of them ends; any further load fails at once. 0: nobody waits.
   *
   * Unit: loads, a whole number from 0 up. Needs `concurrency`.
   * @default 10 times concurrency
   * @see docs/reference/errors.md#origin_overloaded
   */
  readonly queue?: number;
  /**
   * How long a load waits for its turn; then it fails.
   *
   * Unit: milliseconds, or text such as `'1s'`. Needs `concurrency`.
   * @default '1s'
   * @see docs/reference/errors.md#origin_overloaded
   */
  readonly queueDeadline?: Duration;
  /**
   * When the origin is left alone because it keeps failing. `false`: never.
   *
   * @see docs/reference/errors.md#origin_suspended
   */
  readonly breaker?: BreakerOptions | false;
}

/** When an origin that fails is left alone, and for how long. */
export interface BreakerOptions {
  /**
   * So many failures, and no answer in between, suspend the origin. A deadline that passed is a failure; an error that
   * blames the caller is an answer.
   *
   * Unit: loads, a whole number from 1 up.
   * @default 5
   */
  readonly failures?: number;
  /**
   * How long loads fail at once, until one of them tries the origin; twice as long after each try that fails, up to eight times.
   *
   * Unit: milliseconds, or text such as `'5s'`.
   * @default '5s'
   */
  readonly pause?: Duration;
}

/** The one place where the default values of an origin stand. */
const ORIGIN_DEFAULTS = { queuePerSlot: 10, queueDeadlineMs: 1_000, failuresInARow: 5, pauseMs: 5_000 } as const;

/** An origin with nothing left to default, every time in ms. */
export interface ResolvedOrigin {
  readonly name: string;
  /** Undefined: any number of loads at once. */
  readonly limit: LoadLimits | undefined;
  /** Undefined: never suspended. */
  readonly breaker: { readonly failuresInARow: number; readonly pauseMs: number } | undefined;
}

export interface OriginResolution {
  readonly resolved: ResolvedOrigin;
  /** Each a sentence without its full stop. With problems the origin must not be used. */
  readonly problems: readonly string[];
}

const ORIGIN_OPTIONS: Readonly<Record<keyof OriginOptions, true>> = {
  concurrency: true,
  queue: true,
  queueDeadline: true,
  breaker: true,
};
const BREAKER_OPTIONS: Readonly<Record<keyof BreakerOptions, true>> = { failures: true, pause: true };

/** Fills every default, and notes everything that is wrong. */
export function resolveOriginOptions(name: string, options: OriginOptions): OriginResolution {
  const check = new OriginCheck(`origin '${name}': `);
  check.object('its options must be', '', options, ORIGIN_OPTIONS);
  const { concurrency, queue, queueDeadline, breaker } = { ...options };
  check.count('concurrency', concurrency, 1);
  check.count('queue', queue, 0);
  const queueDeadlineMs = check.duration('queueDeadline', queueDeadline) ?? ORIGIN_DEFAULTS.queueDeadlineMs;
  if (concurrency === undefined && (queue ?? queueDeadline) !== undefined) {
    check.problem('queue and queueDeadline have no meaning without concurrency, since nobody would wait');
  }

  return {
    resolved: {
      name,
      limit:
        concurrency === undefined
          ? undefined
          : { concurrency, queue: queue ?? concurrency * ORIGIN_DEFAULTS.queuePerSlot, queueDeadlineMs },
      breaker: breaker === false ? undefined : resolveBreaker(check, breaker),
    },
    problems: check.problems,
  };
}

function resolveBreaker(check: OriginCheck, breaker: BreakerOptions = {}): ResolvedOrigin['breaker'] {
  check.object('breaker must be false or', 'breaker.', breaker, BREAKER_OPTIONS);
  const { failures, pause } = { ...breaker };
  check.count('breaker.failures', failures, 1);

  return {
    failuresInARow: failures ?? ORIGIN_DEFAULTS.failuresInARow,
    pauseMs: check.duration('breaker.pause', pause) ?? ORIGIN_DEFAULTS.pauseMs,
  };
}

/** Collects what is wrong with one origin. */
class OriginCheck {
  readonly problems: string[] = [];

  constructor(private readonly prefix: string) {}

  problem(what: string): void {
    this.problems.push(`${this.prefix}${what}`);
  }

  object(expected: string, within: string, given: unknown, known: object): void {
    const names = Object.keys(known).join(', ');
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      this.problem(`${expected} an object with ${names}`);
      return;
    }
    for (const option of Object.keys(given)) {
      if (!Object.hasOwn(known, option)) this.problem(`there is no option '${within}${option}' (there are ${names})`);
    }
  }

  count(option: string, given: unknown, least: number): void {
    if (given === undefined || (Number.isSafeInteger(given) && (given as number) >= least)) return;
    this.problem(`${option} must be a whole number from ${least} up, not ${describe(given)}`);
  }

  duration(option: string, given: Duration | undefined): number | undefined {
    if (given === undefined) return undefined;
    if (typeof given === 'number' && given > 0 && given < SHORTEST_BARE_NUMBER_MS) {
      this.problem(
        `${option}: ${given} means ${given} milliseconds, which is nearly always meant as seconds; write the unit: '${given}s' or '${given}ms'`,
      );
    }
    try {
      const ms = toMs(given);
      if (ms === 0) this.problem(`${option} must be longer than 0`);
      return ms;
    } catch (error) {
      if (!(error instanceof ConsistentCacheError)) throw error;
      this.problem(`${option}: ${error.what}`);
      return undefined;
    }
  }
}

function describe(given: unknown): string {
  if (typeof given === 'string') return `'${given}'`;

  return typeof given === 'object' && given !== null ? 'an object' : String(given);
}
