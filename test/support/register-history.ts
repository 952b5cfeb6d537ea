/** A write of one register, as its writer knows it. */
export interface RegisterWrite {
  /** Its place among the writes, in the order of their commits. */
  readonly order: number;
  readonly value: string;
  readonly begunAtMs: number;
  /** When its writer was told that it had succeeded; `Infinity` when it was committed and the writer was told otherwise. */
  readonly acknowledgedAtMs: number;
}

export interface RegisterRead {
  readonly value: string;
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
  /** Who answered, for the story of a violation. */
  readonly by: string;
  /** A cache answered, not the origin. */
  readonly isHit: boolean;
}

/**
 * What was written to one register and read from it, as one clock outside of all processes saw it.
 *
 * Invariant: it accuses nobody wrongly. A write may have taken effect at any moment between its beginning and its
 * acknowledgement, and a value that was written more than once may stem from any of these writes.
 */
export class RegisterHistory {
  private readonly writes: RegisterWrite[];
  readonly reads: RegisterRead[] = [];

  /** @param initial what it held before the first write */
  constructor(initial: string) {
    this.writes = [{ order: -Infinity, value: initial, begunAtMs: -Infinity, acknowledgedAtMs: -Infinity }];
  }

  get writeCount(): number {
    return this.writes.length - 1;
  }

  get hitCount(): number {
    return this.reads.filter(({ isHit }) => isHit).length;
  }

  wrote(write: RegisterWrite): void {
    this.writes.push(write);
  }

  read(read: RegisterRead): void {
    this.reads.push(read);
  }

  /** Reads that began after a newer value was acknowledged, or that saw what nobody had begun to write. */
  strongViolations(): readonly string[] {
    const possible = this.possibleWrites();

    return this.reads.flatMap((read) => (possible(read).length === 0 ? [this.describe(read, 'not strong')] : []));
  }

  /**
   * The same, and reads that saw less than a read that had ended before they began.
   *
   * Each read is given the earliest write that it can stem from, which leaves most room to the reads after it. So there is an
   * order that respects real time if and only if none is left without.
   */
  linearizabilityViolations(): readonly string[] {
    const possible = this.possibleWrites();
    const sorted = this.reads.toSorted((a, b) => a.askedAtMs - b.askedAtMs);
    const ended: { readonly atMs: number; readonly index: number }[] = [];

    return sorted.flatMap((read) => {
      const seen = Math.max(0, ...ended.filter(({ atMs }) => atMs < read.askedAtMs).map(({ index }) => index));
      const index = possible(read).find((each) => each >= seen);
      if (index === undefined) return [this.describe(read, `not linearizable: #${seen} had been read before`)];
      ended.push({ atMs: read.answeredAtMs, index });

      return [];
    });
  }

  /** For how long the values that were read had been replaced when they were asked for, at the most, in ms. */
  worstStalenessMs(): number {
    const writes = this.inOrder();
    const delays = this.reads.map((read) => {
      const last = writes.findLastIndex(
        ({ value, begunAtMs }) => value === read.value && begunAtMs <= read.answeredAtMs,
      );
      const replacedAtMs = Math.min(...writes.slice(last + 1).map(({ acknowledgedAtMs }) => acknowledgedAtMs));

      return read.askedAtMs - replacedAtMs;
    });

    return Math.max(0, ...delays);
  }

  private possibleWrites(): (read: RegisterRead) => readonly number[] {
    const writes = this.inOrder();
    // From which moment on no read may see it any more.
    const replacedAtMs = writes.map((_, index) =>
      Math.min(Infinity, ...writes.slice(index + 1).map(({ acknowledgedAtMs }) => acknowledgedAtMs)),
    );

    return ({ value, askedAtMs, answeredAtMs }) =>
      writes.flatMap((write, index) =>
        write.value === value && write.begunAtMs <= answeredAtMs && (replacedAtMs[index] ?? Infinity) >= askedAtMs
          ? [index]
          : [],
      );
  }

  private inOrder(): readonly RegisterWrite[] {
    return this.writes.toSorted((a, b) => a.order - b.order);
  }

  private describe({ value, askedAtMs, answeredAtMs, by }: RegisterRead, fault: string): string {
    const around = this.inOrder()
      .map((write, index) => ({ ...write, index }))
      .filter(({ begunAtMs, value: each }) => each === value || Math.abs(begunAtMs - askedAtMs) < 500)
      .slice(-8)
      .map((write) => `#${write.index} ${write.value} [${ms(write.begunAtMs)}, ${ms(write.acknowledgedAtMs)}]`);

    return `${by} read ${value} in [${ms(askedAtMs)}, ${ms(answeredAtMs)}]: ${fault}; writes: ${around.join(', ')}`;
  }
}

const ms = (instant: number): string => instant.toFixed(1);
