/** One running load that callers with the same key and versions may share. */
export interface Flight<T> {
  readonly startedAtMs: number;
  readonly result: Promise<T>;
}

/**
 * One load per (key, versions read) in this process.
 *
 * The versions are part of the id because a caller that has just evicted must not join a load older than its write: it
 * reads newer versions, and so finds no flight.
 */
export class SingleFlight<T> {
  private readonly flights = new Map<string, Flight<T>>();

  get size(): number {
    return this.flights.size;
  }

  /** The flight under this id, unless it began too long ago for this caller. */
  joinable(id: string, earliestStartMs: number): Flight<T> | undefined {
    const flight = this.flights.get(id);

    return flight !== undefined && flight.startedAtMs >= earliestStartMs ? flight : undefined;
  }

  /** Starts a flight, in place of an older one under the same id. */
  start(id: string, startedAtMs: number, load: () => Promise<T>): Flight<T> {
    const flight: Flight<T> = { startedAtMs, result: load() };
    this.flights.set(id, flight);
    const land = (): void => {
      // A newer flight may have taken the place.
      if (this.flights.get(id) === flight) this.flights.delete(id);
    };
    // Beside the result, not in front of it: whoever waits for the load need not wait for this.
    flight.result.then(land, land);

    return flight;
  }
}
