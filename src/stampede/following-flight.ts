/** The load that runs under an id, and the one that everybody who came since is waiting for. */
interface Line<T> {
  readonly running: Promise<T>;
  next: Promise<T> | undefined;
}

/**
 * Loads of which at most one runs and one waits under each id.
 *
 * For callers who may not be answered by anything that began before they came: whoever finds a load running shares the
 * next one, so a crowd costs the origin two calls in a row and never one each.
 */
export class FollowingFlight<T> {
  private readonly lines = new Map<string, Line<T>>();

  get size(): number {
    return this.lines.size;
  }

  /** The result of a load that begins now or later. */
  share(id: string, load: () => Promise<T>): Promise<T> {
    const line = this.lines.get(id);
    if (line === undefined) return this.begin(id, load);
    if (line.next === undefined) {
      const begin = (): Promise<T> => this.begin(id, load);
      line.next = line.running.then(begin, begin);
    }

    return line.next;
  }

  private begin(id: string, load: () => Promise<T>): Promise<T> {
    const line: Line<T> = { running: load(), next: undefined };
    this.lines.set(id, line);
    const end = (): void => {
      // When somebody waits, the next load takes this place.
      if (line.next === undefined) this.lines.delete(id);
    };
    line.running.then(end, end);

    return line.running;
  }
}
