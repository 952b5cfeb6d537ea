import type { ManualClock } from 'nestjs-consistent-cache/testing';
import { RedisLink } from '../../../../../src/coordination/redis/redis-link.js';
import type { Answer, ClockProbe, RedisEndpoint } from '../../../../../src/coordination/redis/redis-link.js';
import { StoreUnavailableError } from '../../../../../src/resilience/deadline.js';
import type { RedisInMemory } from './redis-in-memory.js';

/** One command on its way, and whoever waits for its reply. */
interface Command {
  readonly words: readonly string[];
  readonly resolve: (answer: Answer<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

/** What leaves in one write: the commands of one tick. */
interface Batch {
  readonly commands: readonly Command[];
  readonly epoch: string;
  /** Whose step it is: that of the first who had something to send. */
  readonly by: string;
  /** The server will never see it, because the connection broke before. */
  isLost: boolean;
  /** Nobody waits for its replies any more. */
  isGivenUp: boolean;
}

/** What went over one connection, in order, and has not been carried out or answered. */
interface Connection {
  readonly sent: Batch[];
  readonly carriedOut: { readonly batch: Batch; readonly replies: readonly unknown[] }[];
}

/** How a link takes part in a schedule. */
export interface LinkSchedule {
  /** What its own steps are named by. */
  readonly name: string;
  gate(whose: string, step: string): Promise<void>;
  /** Whose step is running; undefined for nobody's. */
  by(): string | undefined;
}

const NODE = 'node';
const NEVER = new Promise<never>(() => undefined);

/**
 * One process's link to a server in memory. Commands leave in the order of the calls; that the server carries them out is one
 * step of the schedule, that the replies arrive is another.
 */
export class ScheduledLink extends RedisLink {
  private epoch: string | undefined;
  private standsStill = false;
  private isDead = false;
  private collected: Command[] = [];
  private connection: Connection = { sent: [], carriedOut: [] };
  private readonly probes = new Set<(probe: ClockProbe) => void>();
  private readonly losses = new Set<() => void>();
  private repliesAreConfused = false;

  /** @param oneByOne whether other processes' commands may come between those of one write */
  constructor(
    private readonly server: RedisInMemory,
    private readonly clock: ManualClock,
    private readonly schedule: LinkSchedule,
    private readonly oneByOne: boolean,
  ) {
    super();
    this.epoch = server.runId;
  }

  override async get(key: string): Promise<Answer<string | undefined>> {
    const { value, epoch } = await this.send(key, ['GET', key]);

    return { value: typeof value === 'string' ? value : undefined, epoch };
  }

  override getAll(keys: readonly string[]): Promise<readonly Answer<string | undefined>[]> {
    return Promise.all(keys.map((key) => this.get(key)));
  }

  override send(_key: string, words: readonly string[]): Promise<Answer<unknown>> {
    if (this.isDead) return NEVER;
    if (this.epoch === undefined || this.standsStill) {
      return Promise.reject(new StoreUnavailableError(words[0] ?? '', 'is not answering'));
    }

    return new Promise((resolve, reject) => {
      this.collected.push({ words, resolve, reject });
      // After all promises that can settle now, as the real one does.
      if (this.collected.length === 1)
        queueMicrotask(() => {
          process.nextTick(() => {
            this.flush();
          });
        });
    });
  }

  override epochOf(): string | undefined {
    return this.epoch;
  }

  override onProbe(listener: (probe: ClockProbe) => void): () => void {
    this.probes.add(listener);

    return () => this.probes.delete(listener);
  }

  override onLost(listener: () => void): () => void {
    this.losses.add(listener);

    return () => this.losses.delete(listener);
  }

  override endpoints(): readonly RedisEndpoint[] {
    return [{ node: NODE, clientOptions: {} }];
  }

  /** As after a loss, but by our own will. */
  override drop(): void {
    this.break();
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }

  /** The connection is lost: what the server has not seen it never will, and of the rest nobody hears. */
  break(): void {
    for (const batch of this.connection.sent) batch.isLost = true;
    this.giveUpAll('has lost its connection');
    this.epoch = undefined;
    for (const listener of [...this.losses]) listener();
    void this.reconnect();
  }

  /**
   * The server does not answer in time, and is asked anew over another connection; what was sent over the first it carries out
   * whenever it gets to it, perhaps after what comes over the second.
   */
  standStill(): void {
    this.giveUpAll('did not answer in time');
    this.standsStill = true;
    void this.gate('answers again').then(() => this.resume());
  }

  /** Its process is no more; the server carries out what has left it. */
  die(): void {
    this.isDead = true;
    for (const batch of batchesOf(this.connection)) batch.isGivenUp = true;
    this.probes.clear();
  }

  /** A probe is answered, which is when what is owed is tried again. */
  probe(): void {
    if (!this.standsStill) this.tellOfProbe();
  }

  private tellOfProbe(): void {
    const { epoch } = this;
    if (epoch === undefined) return;
    const nowMs = this.clock.nowMs();
    for (const listener of [...this.probes]) {
      listener({ node: NODE, epoch, sentMs: nowMs, receivedMs: nowMs, serverMs: nowMs });
    }
  }

  /** From now on until the connection is replaced, who reads an entry is given that of another key. */
  confuseReplies(): void {
    this.repliesAreConfused = true;
  }

  private async reconnect(): Promise<void> {
    await this.gate('connects again');
    this.repliesAreConfused = false;
    this.epoch = this.server.runId;
    await this.resume();
  }

  /** The answer to a probe is heard of before anybody may ask for anything, so what is owed is not paid before the next. */
  private async resume(): Promise<void> {
    this.standsStill = true;
    this.tellOfProbe();
    this.standsStill = false;
    await this.gate('is probed');
    this.probe();
  }

  private gate(step: string, whose = this.schedule.name): Promise<void> {
    return this.schedule.gate(whose, step);
  }

  private flush(): void {
    const { epoch } = this;
    const commands = this.collected;
    this.collected = [];
    if (epoch === undefined) {
      for (const { reject } of commands) reject(new StoreUnavailableError('link', 'has lost its connection'));
      return;
    }
    const { connection } = this;
    const by = this.schedule.by() ?? this.schedule.name;
    const groups = this.oneByOne ? commands.map((command) => [command]) : [commands];
    for (const group of groups) {
      connection.sent.push({ commands: group, epoch, by, isLost: false, isGivenUp: false });
      if (connection.sent.length === 1) void this.carryOutInOrder(connection);
    }
  }

  private async carryOutInOrder(connection: Connection): Promise<void> {
    const { sent, carriedOut } = connection;
    for (let [batch] = sent; batch !== undefined; [batch] = sent) {
      await this.gate(`${this.schedule.name} sends ${namesOf(batch)}`, batch.isGivenUp ? 'late' : batch.by);
      sent.shift();
      if (batch.isLost) continue;
      const replies = batch.commands.map(({ words }) => this.server.carryOut(words));
      if (batch.isGivenUp) continue;
      carriedOut.push({ batch, replies });
      if (carriedOut.length === 1) void this.answerInOrder(connection);
    }
  }

  private async answerInOrder({ carriedOut }: Connection): Promise<void> {
    for (let [next] = carriedOut; next !== undefined; [next] = carriedOut) {
      await this.gate(`${this.schedule.name} answers ${namesOf(next.batch)}`, next.batch.by);
      carriedOut.shift();
      const { batch, replies } = next;
      if (batch.isGivenUp) continue;
      const given = this.repliesAreConfused ? this.confused(batch, replies) : replies;
      for (const [index, { resolve }] of batch.commands.entries()) resolve({ value: given[index], epoch: batch.epoch });
    }
  }

  private confused({ commands }: Batch, replies: readonly unknown[]): readonly unknown[] {
    return commands.map(({ words: [name, key = ''] }, index) =>
      name === 'GET' && !key.includes(':v:') ? (this.server.textOfAnother(key) ?? replies[index]) : replies[index],
    );
  }

  private giveUpAll(what: string): void {
    const given = this.connection;
    this.connection = { sent: [], carriedOut: [] };
    for (const batch of batchesOf(given)) {
      if (batch.isGivenUp) continue;
      batch.isGivenUp = true;
      for (const { words, reject } of batch.commands) reject(new StoreUnavailableError(words[0] ?? '', what));
    }
  }
}

function batchesOf({ sent, carriedOut }: Connection): readonly Batch[] {
  return [...sent, ...carriedOut.map(({ batch }) => batch)];
}

/** `SET GET`, and each of several alike only once. */
function namesOf({ commands }: Batch): string {
  return [...new Set(commands.map(({ words }) => words[0]))].join(' ');
}
