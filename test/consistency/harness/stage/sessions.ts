import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionAnswer } from '../application/instance-requests.js';
import { registerName } from '../caches.js';
import { nowNs, type ReadOutcome, type WriteOutcome } from '../history/operation.js';
import type { Recorder } from '../history/recorder.js';
import { Random } from '../random.js';
import type { InstanceProcess } from './instance-process.js';

export interface SessionLoad {
  readonly sessions: number;
  readonly registers: number;
  readonly pauseMs: number;
}

/** A caller that waits longer gives up: it has seen nothing, and goes on with the ticket that it had. */
const PATIENCE_MS = 1_000;
const WRITE_SHARE = 0.08;
/** Of the operations: a session ends, and its caller begins a new one. */
const END_SHARE = 0.01;

/**
 * Callers who go from instance to instance, each operation at another one, with the ticket that the last one ended with.
 *
 * The caller is the client here, so it is this process that writes down what was seen, and when.
 */
export class HoppingSessions {
  private isOver = false;
  private writesAreOver = false;
  private begun = 0;
  private writes = 0;
  private readonly callers: readonly Promise<void>[];

  /** @param instances those that there are at the moment */
  constructor(
    private readonly act: number,
    private readonly load: SessionLoad,
    private readonly instances: () => readonly InstanceProcess[],
    private readonly recorder: Recorder,
    seed: number,
  ) {
    this.callers = Array.from({ length: load.sessions }, (_, nth) => this.call(Random.of(seed, nth, 3)));
  }

  endWrites(): void {
    this.writesAreOver = true;
  }

  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.callers);
  }

  private async call(random: Random): Promise<void> {
    let [session, ticket] = this.newSession();
    while (!this.isOver) {
      if (random.chance(END_SHARE)) [session, ticket] = this.newSession();
      const register = registerName(this.act, 'session', random.below(this.load.registers));
      const at = random.pick(this.instances());
      const write = !this.writesAreOver && random.chance(WRITE_SHARE);
      ticket =
        (await (write ? this.write(at, session, ticket, register) : this.read(at, session, ticket, register))) ??
        ticket;
      await sleep(random.between(0, 2 * this.load.pauseMs));
    }
  }

  private newSession(): [session: string, ticket: string | undefined] {
    this.begun += 1;

    return [`s${this.begun}`, undefined];
  }

  private async read(
    at: InstanceProcess,
    session: string,
    ticket: string | undefined,
    register: string,
  ): Promise<string | undefined> {
    const begunNs = nowNs();
    const answer = await withPatience(at.ask('inSession', { ticket, register, write: undefined }));
    if (answer === undefined) return undefined;
    const { outcome, version, content } = answer;
    this.recorder.read({
      register,
      session,
      begunNs,
      endedNs: nowNs(),
      outcome: outcome as ReadOutcome,
      version,
      content,
    });

    return answer.ticket;
  }

  private async write(
    at: InstanceProcess,
    session: string,
    ticket: string | undefined,
    register: string,
  ): Promise<string | undefined> {
    this.writes += 1;
    const id = `${this.act}.session.${this.writes}`;
    this.recorder.begun({ id, register, session, begunNs: nowNs() });
    const answer = await withPatience(at.ask('inSession', { ticket, register, write: id }));
    if (answer === undefined) return undefined;
    this.recorder.ended(id, nowNs(), answer.outcome as WriteOutcome);

    return answer.ticket;
  }
}

/** Undefined when the instance is gone, or does not answer in time; what it answers later is dropped. */
async function withPatience(asking: Promise<SessionAnswer>): Promise<SessionAnswer | undefined> {
  const tooLate = new AbortController();
  try {
    return await Promise.race([
      asking.catch(() => undefined),
      sleep(PATIENCE_MS, undefined, { signal: tooLate.signal }).catch(() => undefined),
    ]);
  } finally {
    tooLate.abort();
  }
}
