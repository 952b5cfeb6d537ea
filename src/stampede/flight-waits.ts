/**
 * Which loads wait for which flights, so that no two loads ever wait for each other.
 *
 * One call may load A, which reads B, while another loads B, which reads A. Without a cache each would do its own work and
 * end; with single flight each would join the other's load, for ever.
 */
export class FlightWaits {
  private readonly awaited = new Map<string, readonly string[]>();

  /** Whether a flight is one of these loads, or waits for one, by itself or through others. */
  closesCircle(loads: readonly string[], flightId: string): boolean {
    const seen = new Set<string>();
    const open = [flightId];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (loads.includes(id)) return true;
      if (seen.has(id)) continue;
      seen.add(id);
      open.push(...(this.awaited.get(id) ?? []));
    }

    return false;
  }

  /** Waits for the result of a flight on behalf of these loads. */
  async on<T>(loads: readonly string[], flightId: string, result: Promise<T>): Promise<T> {
    for (const load of loads) this.awaited.set(load, [...(this.awaited.get(load) ?? []), flightId]);
    try {
      return await result;
    } finally {
      for (const load of loads) this.forget(load, flightId);
    }
  }

  private forget(load: string, flightId: string): void {
    const left = [...(this.awaited.get(load) ?? [])];
    left.splice(left.indexOf(flightId), 1);
    if (left.length === 0) this.awaited.delete(load);
    else this.awaited.set(load, left);
  }
}
