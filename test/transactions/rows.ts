import type { ModuleMetadata } from '@nestjs/common';

export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

/** A table of numbers by way of a library: every statement goes over the transaction around its caller, if one is open. */
export abstract class Rows {
  abstract read(id: string): Promise<number>;
  abstract write(id: string, value: number): Promise<void>;
  abstract transaction<T>(body: () => Promise<T>, isolation?: Isolation): Promise<T>;
  /** One that is committed by itself, also within another. */
  abstract ownTransaction<T>(body: () => Promise<T>): Promise<T>;
  abstract savepoint<T>(body: () => Promise<T>): Promise<T>;
  abstract onApplicationShutdown(): Promise<void>;
}

/** A library that runs transactions, connected as its users would connect it. */
export interface Adapter {
  readonly name: string;
  /** False where everybody shares one connection, so that whoever is outside waits for the transaction. */
  readonly hasOutsiders: boolean;
  /** What an application imports and provides so that it can inject {@link Rows}. */
  readonly parts: () => Pick<ModuleMetadata, 'imports' | 'providers'>;
}

export const FIND = 'SELECT value FROM numbers WHERE id = $1';
export const SET = 'UPDATE numbers SET value = $2 WHERE id = $1';

/** Of the spec file; see postgres-environment.ts. */
export function databaseUrl(): string {
  return process.env.DATABASE_URL ?? '';
}
