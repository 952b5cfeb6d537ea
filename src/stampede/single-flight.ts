import type { Clock } from '../time/clock.js';
import type { Audience } from './audience.js';

/** One running load that callers with the same key and versions may share. */
export interface Flight<T> {
  readonly startedAtMs: number;
  readonly result: Promise<T>;
  /** Those who wait for it; undefined when one of them cannot leave, so that it goes on to the end. */
  readonly audience: Audience | undefined;
}

export interface FlightOptions<T> {
  readonly audience?: Audience | undefined;
  /** For how long the result answers those who come after it has landed, in ms. @default 0 */
  readonly lingerMs?: ((result: T) => number) | undefined;
}

/** What lingers is kept in this process's memory; beyond so many nothing does. */
const MOST_LINGERING = 1_000;

/**
 * One load per (key, versions read) in this process.
 *
 * The versions are part of the id because a caller that has just evicted must not join a load older than its write: it
 * reads newer versions, and so finds no flight.
 */
export class SingleFlight<T> {
  private readonly flights = new Map<string, Flight<T>>();
  private lingering = 0;

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.flights.size;
  }

  /** Whether anything under this id is on its way, or lingers. */
  has(id: string): boolean {
    return this.flights.has(id);
  }

  /** The flight under this id, unless it began too long ago for this caller. */
  joinable(id: string, earliestStartMs: number): Flight<T> | undefined {
    const flight = this.flights.get(id);
    if (flight === undefined || flight.audience?.isGone === true) return undefined;

    return flight.startedAtMs >= earliestStartMs ? flight : undefined;
  }

  /** Starts a flight, in place of an older one under the same id. */
  start(
    id: string,
    startedAtMs: number,
    load: () => Promise<T>,
    { audience, lingerMs }: FlightOptions<T> = {},
  ): Flight<T> {
    const flight: Flight<T> = { startedAtMs, result: load(), audience };
    this.flights.set(id, flight);
    const land = (): void => {
      // A newer flight may have taken the place.
      if (this.flights.get(id) === flight) this.flights.delete(id);
    };
    // Beside the result, not in front of it: whoever waits for the load need not wait for this.
    flight.result.then((result) => {
      const ms = lingerMs?.(result) ?? 0;
      if (ms > 0 && this.lingering < MOST_LINGERING) this.linger(ms, land);
      else land();
    }, land);

    return flight;
  }

  private linger(ms: number, land: () => void): void {
    this.lingering += 1;
    this.clock.after(ms, () => {
      this.lingering -= 1;
      land();
    });
  }
}
