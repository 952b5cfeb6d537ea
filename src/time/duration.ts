import { ConsistentCacheError } from '../errors/consistent-cache-error.js';

const MS_PER_UNIT = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Below this a bare number for a time is taken for seconds written by mistake. */
export const SHORTEST_BARE_NUMBER_MS = 1_000;

export type DurationUnit = keyof typeof MS_PER_UNIT;

/**
 * A length of time: a number of **milliseconds**, or text with a unit, such as `'250ms'`, `'30s'`, `'1.5h'`.
 *
 * Nothing in this library counts in seconds. Prefer text: it says its unit where it is read.
 */
export type Duration = number | `${number}${DurationUnit}`;

/** A duration that is not a number of milliseconds, nor text with a known unit. */
export class InvalidDurationError extends ConsistentCacheError {
  constructor(given: unknown) {
    super({
      code: 'DURATION_INVALID',
      what: `${describe(given)} is not a duration`,
      fix: "Write milliseconds as a number from 0 up, or text with a unit: '250ms', '30s', '5m', '2h', '7d'",
    });
  }
}

/**
 * Reads a duration as milliseconds.
 *
 * @throws {InvalidDurationError} for anything negative, not finite, or without a known unit
 */
export function toMs(duration: Duration): number {
  const ms = typeof duration === 'number' ? duration : parse(duration);
  if (ms === undefined || !Number.isFinite(ms) || ms < 0) throw new InvalidDurationError(duration);

  return ms;
}

/** Writes milliseconds in the largest unit that keeps them whole: `90_000` as `'90s'`. */
export function formatMs(ms: number): string {
  const unit = (['d', 'h', 'm', 's'] as const).find((each) => ms !== 0 && ms % MS_PER_UNIT[each] === 0) ?? 'ms';

  return `${ms / MS_PER_UNIT[unit]}${unit}`;
}

function describe(given: unknown): string {
  if (typeof given === 'string') return `'${given}'`;

  return typeof given === 'object' && given !== null ? 'an object' : String(given);
}

function parse(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);

  return parts === null ? undefined : Number(parts[1]) * MS_PER_UNIT[parts[2] as DurationUnit];
}
