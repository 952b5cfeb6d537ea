/** What a read saw of each row: how many commits it had had. */
export type Rows = Readonly<Record<string, number>>;

export interface Read {
  readonly by: string;
  /** In which process. */
  readonly at: string;
  readonly startedAt: number;
  readonly startedMs: number;
  readonly saw: Rows;
}

export interface Write {
  readonly row: string;
  readonly at: string;
  /** The row's number of commits with this one. */
  readonly commits: number;
  readonly committedMs: number;
  readonly committedAt: number;
  acknowledgedAt: number;
  acknowledgedMs: number;
  /** When its writer was told that it has happened, and that its eviction could not be confirmed. */
  failedAt: number;
}

/** Who read and wrote what, in the order of one schedule, and which promises that kept. */
export class History {
  private readonly reads: Read[] = [];
  private readonly writes: Write[] = [];
  private readonly stepsBack: string[] = [];
  private moment = 0;

  /** Later than everything before. */
  now(): number {
    this.moment += 1;

    return this.moment;
  }

  read(read: Read): void {
    this.reads.push(read);
  }

  commitsOf(row: string): number {
    return this.writes.filter((write) => write.row === row).length;
  }

  commit(row: string, at: string, committedMs: number): Write {
    const write: Write = {
      row,
      at,
      commits: this.commitsOf(row) + 1,
      committedMs,
      committedAt: this.now(),
      acknowledgedAt: Infinity,
      acknowledgedMs: Infinity,
      failedAt: Infinity,
    };
    this.writes.push(write);

    return write;
  }

  /** Strong: a read that starts after a write was acknowledged sees that write or a later one. */
  missedWrites(): readonly string[] {
    return this.missed('was acknowledged', ({ startedAt }, { acknowledgedAt }) => acknowledgedAt < startedAt);
  }

  /** Linearizable: the value was current at some instant of the read, so no later one was committed before it started. */
  missedCommits(): readonly string[] {
    return this.missed('was committed', ({ startedAt }, { committedAt }) => committedAt < startedAt);
  }

  /** A process that owes an eviction takes nothing for current that it outdates. */
  missedOwnWrites(): readonly string[] {
    return this.missed(
      'was written here, and its eviction is owed',
      ({ at, startedAt }, { at: writtenAt, failedAt }) => at === writtenAt && failedAt < startedAt,
    );
  }

  /** An eviction that was acknowledged longer ago than a proof of silence may be old has been heard of. */
  missedNews(proofMs: number): readonly string[] {
    return this.missed(
      `was acknowledged more than ${proofMs} ms before`,
      ({ startedMs }, { acknowledgedMs }) => startedMs - acknowledgedMs > proofMs,
    );
  }

  /** Bounded: the value was current at some instant in [start − max, answer]. */
  staleReads(maxMs: number): readonly string[] {
    return this.missed(
      `was committed more than ${maxMs} ms before`,
      ({ startedMs }, { committedMs }) => committedMs < startedMs - maxMs,
    );
  }

  /** Somebody saw less of a row than he had seen or written before. */
  wentBack(by: string, row: string, from: number, to: number): void {
    this.stepsBack.push(`${by} saw ${row} at ${to} after ${from}`);
  }

  /** Session: no caller went back. */
  sessionsThatWentBack(): readonly string[] {
    return this.stepsBack;
  }

  private missed(because: string, isDue: (read: Read, write: Write) => boolean): readonly string[] {
    return this.reads.flatMap((read) =>
      this.writes
        .filter((write) => (read.saw[write.row] ?? write.commits) < write.commits && isDue(read, write))
        .map(({ row, commits }) => `${read.by} saw ${row} at ${read.saw[row] ?? 0}, and ${commits} ${because}`),
    );
  }
}
