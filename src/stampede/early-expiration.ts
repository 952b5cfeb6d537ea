/** What decides whether one read takes an entry for expired before it is. */
export interface EarlyExpirationSituation {
  readonly nowMs: number;
  readonly freshUntilMs: number;
  /** How long the last load took: the longer, the earlier the next one has to begin. */
  readonly loadMs: number;
  /** How eager: 1 is optimal for exponential gaps, more begins earlier, 0 never. */
  readonly beta: number;
  /** Uniform from 0 up to 1; 0 counts as {@link SMALLEST}. */
  readonly random: number;
}

/** The logarithm of 0 would make any entry expire at once; this is the smallest number above 0 that `Math.random` gives. */
const SMALLEST = 2 ** -53;

/**
 * Whether this read shall load anew although the entry is fresh, so that one load replaces it before the crowd finds it expired.
 *
 * XFetch (Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015):
 * `now − loadMs·β·ln(random) ≥ freshUntil`. The exponential distribution is what makes the number of loads that begin
 * early independent of how many read, up to a logarithm, without anybody having to agree with others.
 */
export function expiresEarly({ nowMs, freshUntilMs, loadMs, beta, random }: EarlyExpirationSituation): boolean {
  if (beta === 0) return false;

  return nowMs - loadMs * beta * Math.log(Math.max(random, SMALLEST)) >= freshUntilMs;
}
