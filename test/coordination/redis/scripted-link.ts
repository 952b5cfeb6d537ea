import { RedisLink } from '../../../src/coordination/redis/redis-link.js';
import type { Answer, ClockProbe, RedisEndpoint } from '../../../src/coordination/redis/redis-link.js';
import { StoreUnavailableError } from '../../../src/resilience/deadline.js';

type Reply = (command: readonly string[]) => unknown;

/** A link to a server that is a Map: it keeps the order of calls, forgets and fails when told, and says what it was asked. */
export class ScriptedLink extends RedisLink {
  epoch: string | undefined = 'epoch-1';
  readonly keys = new Map<string, string>();
  readonly sent: (readonly string[])[] = [];
  /** Answers in place of the Map where it is set. */
  reply: Reply | undefined;
  private readonly probes = new Set<(probe: ClockProbe) => void>();

  /** Read after everything that is sent in this tick, as one that reads for many at once may do. */
  override getAll(keys: readonly string[]): Promise<readonly Answer<string | undefined>[]> {
    return Promise.all(keys.map((key) => this.get(key)));
  }

  override async get(key: string): Promise<Answer<string | undefined>> {
    await Promise.resolve();

    return this.send(key, ['GET', key]).then(({ value, epoch }) => ({ value: (value ?? undefined) as string, epoch }));
  }

  override send(_key: string, command: readonly string[]): Promise<Answer<unknown>> {
    const { epoch } = this;
    if (epoch === undefined) return Promise.reject(new StoreUnavailableError('link', 'is not connected'));
    this.sent.push(command);
    try {
      return Promise.resolve({ value: this.reply === undefined ? this.carryOut(command) : this.reply(command), epoch });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  carryOut([name = '', key = '', value = '', ...options]: readonly string[]): unknown {
    if (name === 'GET') return this.keys.get(key) ?? null;
    if (name !== 'SET') throw new Error(`${name} is not scripted`);
    if (options.includes('NX') && this.keys.has(key)) return null;
    this.keys.set(key, value);

    return 'OK';
  }

  override epochOf(): string | undefined {
    return this.epoch;
  }

  override onProbe(listener: (probe: ClockProbe) => void): () => void {
    this.probes.add(listener);
    return () => this.probes.delete(listener);
  }

  get listeners(): number {
    return this.probes.size;
  }

  probe(node = 'node-1', epoch = this.epoch ?? ''): void {
    for (const listener of [...this.probes]) listener({ node, epoch, sentMs: 0, receivedMs: 0, serverMs: 0 });
  }

  override onLost(): () => void {
    return () => undefined;
  }

  nodes = ['node-1'];
  override endpoints(): readonly RedisEndpoint[] {
    return this.nodes.map((node) => ({ node, clientOptions: {} }));
  }

  override drop(): void {
    this.epoch = undefined;
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }
}
