import type { ReadOperation, ReadOutcome, WriteOperation, WriteOutcome } from './operation.js';

/*
 * One line for each thing that happened, its fields separated by tabs. A write has up to three, so that of a process that is
 * killed it is known how far it had come.
 */

export function readLine({
  register,
  session,
  begunNs,
  endedNs,
  outcome,
  version,
  content,
}: Omit<ReadOperation, 'by'>): string {
  const ownName = content === register ? '' : clean(content);

  return `r\t${register}\t${session ?? ''}\t${begunNs}\t${endedNs}\t${outcome}\t${version}\t${ownName}\n`;
}

export function begunLine({
  id,
  register,
  session,
  begunNs,
}: Pick<WriteOperation, 'id' | 'register' | 'session' | 'begunNs'>): string {
  return `b\t${id}\t${register}\t${session ?? ''}\t${begunNs}\n`;
}

export function committedLine(id: string, committedNs: number): string {
  return `c\t${id}\t${committedNs}\n`;
}

export function endedLine(id: string, endedNs: number, outcome: WriteOutcome): string {
  return `e\t${id}\t${endedNs}\t${outcome}\n`;
}

/** What the files of all processes say together. */
export class HistoryReader {
  readonly reads: ReadOperation[] = [];
  private readonly begun = new Map<string, WriteOperation>();
  private readonly committedNs = new Map<string, number>();
  private readonly ended = new Map<string, Pick<WriteOperation, 'endedNs' | 'outcome'>>();

  /** @param by who wrote these lines. A last line that is not whole belongs to a process that was killed, and says nothing. */
  take(text: string, by: string): void {
    for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
      if (line !== '') this.takeLine(line.split('\t'), by);
    }
  }

  writes(): readonly WriteOperation[] {
    return [...this.begun.values()].map((write) => ({
      ...write,
      committedNs: this.committedNs.get(write.id) ?? Infinity,
      ...(this.ended.get(write.id) ?? {}),
    }));
  }

  private takeLine([kind, first = '', second = '', third = '', fourth = '', ...rest]: string[], by: string): void {
    if (kind === 'r') {
      const [outcome = '', version, content] = rest;
      this.reads.push({
        register: first,
        by,
        session: second === '' ? undefined : second,
        begunNs: Number(third),
        endedNs: Number(fourth),
        outcome: outcome as ReadOutcome,
        version: Number(version),
        content: content === undefined || content === '' ? first : content,
      });
    }
    if (kind === 'b') {
      const session = third === '' ? undefined : third;
      const unknown = { committedNs: Infinity, endedNs: Infinity, outcome: 'unknown' as const };
      this.begun.set(first, { id: first, register: second, by, session, begunNs: Number(fourth), ...unknown });
    }
    if (kind === 'c') this.committedNs.set(first, Number(second));
    if (kind === 'e') this.ended.set(first, { endedNs: Number(second), outcome: third as WriteOutcome });
  }
}

function clean(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
