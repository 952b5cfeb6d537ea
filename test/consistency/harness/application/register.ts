import type { Troubles } from './instance-requests.js';

/** What a load answers: one version of one register, which says itself what it is. */
export interface Register {
  readonly name: string;
  readonly version: number;
  /** The id of the write that made it. */
  readonly writer: string;
}

export interface Answer {
  readonly register: Register;
  readonly outcome: 'hit' | 'miss' | 'stale';
}

/** The registers through caches. Which cache, and for which user, stands in a register's name. */
export abstract class CachedRegisters {
  abstract read(name: string): Promise<Answer>;
  /** Of `immutable`: the version is part of the key. */
  abstract revision(name: string, version: number): Promise<Answer>;
  /** What went wrong since this was asked last. */
  abstract troubles(): Troubles;
  /** @returns the version that it made */
  abstract write(name: string, id: string): Promise<number>;
}
