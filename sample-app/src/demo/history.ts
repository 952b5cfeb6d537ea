import type { Answer } from './visitor.js';

interface Write {
  readonly version: number;
  readonly acknowledgedAtMs: number;
}

interface Read {
  readonly version: number;
  readonly askedAtMs: number;
}

export interface Staleness {
  readonly reads: number;
  /** Reads that began after a newer version was acknowledged. */
  readonly behind: number;
  /** The longest time between an acknowledgement and a later read that did not know of it. */
  readonly worstMs: number;
}

/**
 * What was written to one key and what was read from it meanwhile, as numbers that grow with every write.
 *
 * Invariant: it accuses nobody wrongly. A version counts as replaced only from when its writer *knew* that it was, so
 * what it reports may be less than the true staleness, never more.
 */
export class History {
  private readonly writes: Write[] = [];
  private readonly reads: Read[] = [];

  wrote(version: number, answer: Answer<unknown>): void {
    this.writes.push({ version, acknowledgedAtMs: answer.answeredAtMs });
  }

  read(version: number, answer: Answer<unknown>): void {
    this.reads.push({ version, askedAtMs: answer.askedAtMs });
  }

  staleness(): Staleness {
    const delays = this.reads.map((read) => Math.max(0, read.askedAtMs - this.replacedAtMs(read.version)));

    return {
      reads: delays.length,
      behind: delays.filter((delayMs) => delayMs > 0).length,
      worstMs: Math.max(0, ...delays),
    };
  }

  private replacedAtMs(version: number): number {
    const newer = this.writes.filter((write) => write.version > version);

    return Math.min(...newer.map(({ acknowledgedAtMs }) => acknowledgedAtMs));
  }
}

/** The histories of several keys as one. */
export function total(parts: readonly Staleness[]): Staleness {
  return {
    reads: parts.reduce((sum, { reads }) => sum + reads, 0),
    behind: parts.reduce((sum, { behind }) => sum + behind, 0),
    worstMs: Math.max(0, ...parts.map(({ worstMs }) => worstMs)),
  };
}
