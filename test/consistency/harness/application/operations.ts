import { EvictionFailedError, WriteRefusedError } from 'nestjs-consistent-cache';
import { cacheOf } from '../caches.js';
import { nowNs, type WriteOutcome } from '../history/operation.js';
import type { Recorder } from '../history/recorder.js';
import type { CachedRegisters } from './register.js';

/** Reads and writes of one process, each written down. */
export class Operations {
  private writes = 0;
  /** The latest versions that this process has made or read, of the registers whose versions are read as such. */
  private readonly known = new Map<string, number>();

  constructor(
    private readonly registers: CachedRegisters,
    private readonly recorder: Recorder,
    private readonly instance: string,
    private readonly act: number,
  ) {}

  async read(register: string, nth: number): Promise<void> {
    const isVersioned = cacheOf(register) === 'immutable';
    const known = this.known.get(register) ?? 0;
    if (isVersioned && known === 0) return;

    const asked = isVersioned ? 1 + (nth % known) : 0;
    const begunNs = nowNs();
    try {
      const answer = await (isVersioned ? this.registers.revision(register, asked) : this.registers.read(register));
      const { outcome, register: value } = answer;
      const endedNs = nowNs();
      const version = isVersioned ? asked : value.version;
      const content = isVersioned ? value.writer : value.name;
      this.recorder.read({ register, session: undefined, begunNs, endedNs, outcome, version, content });
    } catch (error) {
      const failed = { outcome: 'failed' as const, version: asked, content: String(error) };
      this.recorder.read({ register, session: undefined, begunNs, endedNs: nowNs(), ...failed });
    }
  }

  async write(register: string): Promise<void> {
    this.writes += 1;
    const id = `${this.act}.${this.instance}.${this.writes}`;
    this.recorder.begun({ id, register, session: undefined, begunNs: nowNs() });
    let outcome: WriteOutcome = 'acknowledged';
    try {
      const version = await this.registers.write(register, id);
      this.known.set(register, Math.max(version, this.known.get(register) ?? 0));
    } catch (error) {
      outcome = outcomeOf(error);
    }
    this.recorder.ended(id, nowNs(), outcome);
  }
}

export function outcomeOf(error: unknown): WriteOutcome {
  if (error instanceof WriteRefusedError) return 'refused';

  return error instanceof EvictionFailedError ? 'unconfirmed' : 'failed';
}
