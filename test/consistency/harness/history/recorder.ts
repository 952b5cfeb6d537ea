import { closeSync, openSync, writeSync } from 'node:fs';
import { begunLine, committedLine, endedLine, readLine } from './history-lines.js';
import { nowNs, type ReadOperation, type WriteOperation, type WriteOutcome } from './operation.js';

const LINES_AT_ONCE = 200;

/**
 * Writes down what one process does. What was written survives a kill of the process.
 *
 * Reads are written some at a time, so a killed process takes its last ones along. Writes are written at once: one that began
 * must be known before it can have any effect.
 */
export class Recorder {
  private lines: string[] = [];
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, 'a');
  }

  read(read: Omit<ReadOperation, 'by'>): void {
    this.lines.push(readLine(read));
    if (this.lines.length >= LINES_AT_ONCE) this.flush();
  }

  begun(write: Pick<WriteOperation, 'id' | 'register' | 'session' | 'begunNs'>): void {
    this.atOnce(begunLine(write));
  }

  committed(id: string): void {
    this.atOnce(committedLine(id, nowNs()));
  }

  ended(id: string, endedNs: number, outcome: WriteOutcome): void {
    this.atOnce(endedLine(id, endedNs, outcome));
  }

  flush(): void {
    const text = this.lines.join('');
    this.lines = [];
    if (text !== '') writeSync(this.file, text);
  }

  close(): void {
    this.flush();
    closeSync(this.file);
  }

  private atOnce(line: string): void {
    this.lines.push(line);
    this.flush();
  }
}
