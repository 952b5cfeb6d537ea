import type { CacheName } from '../caches.js';
import type { Hold } from './write-gate.js';

/** What an instance does in one act with the registers of one cache. */
export interface CacheLoad {
  readonly cache: CacheName;
  readonly registers: number;
  readonly readers: number;
  readonly writers: number;
  /** On average, between two operations of one reader or writer. */
  readonly readPauseMs: number;
  readonly writePauseMs: number;
}

export interface ActPlan {
  readonly act: number;
  readonly seed: number;
  /** The file that its history goes to. */
  readonly history: string;
  readonly loads: readonly CacheLoad[];
}

export interface SessionRequest {
  readonly ticket: string | undefined;
  readonly register: string;
  /** The id of a write; undefined for a read. */
  readonly write: string | undefined;
}

export interface SessionAnswer {
  readonly ticket: string | undefined;
  readonly outcome: string;
  readonly version: number;
  /** What the value says of itself, or the error. */
  readonly content: string;
}

/** What can be asked of an instance, and what it answers. */
export interface InstanceRequests {
  begin(plan: ActPlan): void;
  /** Answers when all writers have ended. */
  endWrites(_: undefined): void;
  /** Answers when no write of this cache is under way, and none begins until `resumeWrites`. */
  pauseWrites(cache: CacheName): void;
  resumeWrites(cache: CacheName): void;
  /** Ends the readers, reads every register once more, and closes the history. Answers with what went wrong in the caches. */
  finish(_: undefined): Troubles;
  /** Answers with a register whose write waits there until `release`. */
  hold(hold: Hold): string;
  release(_: undefined): void;
  stepClock(ms: number): void;
  inSession(request: SessionRequest): SessionAnswer;
}

/** How often something went wrong in the caches, by the name of the event. */
export type Troubles = Readonly<Record<string, number>>;

export type RequestName = keyof InstanceRequests;
export type Asked<Name extends RequestName> = Parameters<InstanceRequests[Name]>[0];
export type Answered<Name extends RequestName> = ReturnType<InstanceRequests[Name]>;

export interface RequestMessage {
  readonly call: number;
  readonly name: RequestName;
  readonly asked: unknown;
}

export interface AnswerMessage {
  /** 0 when it is ready to be asked. */
  readonly call: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** What an instance is started with. */
export interface InstanceSettings {
  /** Its place and its incarnation: `b.2` is the second process in the place b. */
  readonly name: string;
  readonly seed: number;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Whether it keeps copies; without, each hit brings the entry from Redis. */
  readonly copies: boolean;
  /** Instead of this library: its name, and where it is installed. */
  readonly peer: { readonly name: string; readonly folder: string } | undefined;
}
