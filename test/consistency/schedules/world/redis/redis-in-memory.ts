import type { ManualClock } from 'nestjs-consistent-cache/testing';

interface Text {
  readonly text: string;
  readonly endsAtMs: number;
}

/** What a server process has in its memory, or on its disk. */
export interface ServerState {
  readonly texts: ReadonlyMap<string, Text>;
  /** By key, the announcements by when they end. */
  readonly intents: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

const NOTHING: ServerState = { texts: new Map(), intents: new Map() };
const A_DAY_MS = 86_400_000;

/** As much of a Redis as the library uses: it carries out one command after the other, and restarts as it is told. */
export class RedisInMemory {
  private restarts = 1;
  private startedAtMs: number;
  private followedBefore = false;
  private swallows = false;
  private texts = new Map<string, Text>();
  private intents = new Map<string, Map<string, number>>();
  private readonly writeListeners = new Set<(key: string) => void>();

  constructor(private readonly clock: ManualClock) {
    this.startedAtMs = clock.nowMs() - A_DAY_MS;
  }

  /** `run_id`: another one for each server process. */
  get runId(): string {
    return `run${this.restarts}`;
  }

  /** Hears of each key that is written, as client tracking tells it. */
  onWrite(listener: (key: string) => void): void {
    this.writeListeners.add(listener);
  }

  /** What a disk or a replica has of it. */
  save(): ServerState {
    return {
      texts: new Map(this.texts),
      intents: new Map([...this.intents].map(([key, announced]) => [key, new Map(announced)])),
    };
  }

  /** Another process takes its place; a replica that is promised has followed another before. */
  restart(state: ServerState = NOTHING, as: 'restarted' | 'promoted' = 'restarted'): void {
    this.restarts += 1;
    this.startedAtMs = as === 'restarted' ? this.clock.nowMs() : this.startedAtMs;
    this.followedBefore = as === 'promoted';
    this.texts = new Map(state.texts);
    this.intents = new Map([...state.intents].map(([key, announced]) => [key, new Map(announced)]));
  }

  /** Drops keys, as a server does that is short of memory. */
  drop(isDropped: (key: string) => boolean): void {
    for (const key of [...this.intents.keys()].filter(isDropped)) this.intents.delete(key);
    for (const key of [...this.texts.keys()].filter(isDropped)) {
      this.texts.delete(key);
      this.tellOfWrite(key);
    }
  }

  /** What lies under some other key that is no version's: what a reply was left of that belonged to somebody else. */
  textOfAnother(key: string): string | undefined {
    return [...this.texts].find(([each]) => each !== key && !each.includes(':v:'))?.[1].text;
  }

  /** The next write of a version is confirmed, and forgotten, as a proxy or a replica that is cut off may do. */
  swallowWrite(): void {
    this.swallows = true;
  }

  carryOut(command: readonly string[]): unknown {
    const [name = '', key = '', value = '', ...options] = command;
    switch (name) {
      case 'GET':
        return this.textOf(key) ?? null;
      case 'SET':
        return this.set(key, value, options);
      case 'UNLINK':
        this.tellOfWrite(key);
        return this.texts.delete(key) ? 1 : 0;
      case 'EVAL':
        return this.evaluate(value === '1' ? key : '', options);
      case 'ZREM':
        return this.intents.get(key)?.delete(value) === true ? 1 : 0;
      case 'INFO':
        return this.info();
      default:
        throw new Error(`${name} is not known here`);
    }
  }

  private textOf(key: string): string | undefined {
    const found = this.texts.get(key);

    return found !== undefined && found.endsAtMs > this.clock.nowMs() ? found.text : undefined;
  }

  private set(key: string, text: string, options: readonly string[]): 'OK' | null {
    if (options.includes('NX') && this.textOf(key) !== undefined) return null;
    if (this.swallows && key.includes(':v:')) {
      this.swallows = false;
      return 'OK';
    }
    const ttlMs = options.includes('PX') ? Number(options[options.indexOf('PX') + 1]) : Infinity;
    this.texts.set(key, { text, endsAtMs: this.clock.nowMs() + ttlMs });
    this.tellOfWrite(key);

    return 'OK';
  }

  /** The library's two scripts: one that adds to a sorted set, and one that counts what is in it. */
  private evaluate(script: string, [key = '', id = '', leaseMs = '']: readonly string[]): number {
    const nowMs = this.clock.nowMs();
    const announced = this.intents.get(key) ?? new Map<string, number>();
    this.intents.set(key, announced);
    for (const [each, endsAtMs] of announced) if (endsAtMs <= nowMs) announced.delete(each);
    if (script.includes('ZCARD')) return announced.size;
    const was = announced.has(id);
    announced.set(id, nowMs + Number(leaseMs));

    return was ? 1 : 0;
  }

  private info(): string {
    const uptime = Math.floor((this.clock.nowMs() - this.startedAtMs) / 1000);
    const followed = this.followedBefore ? 'f'.repeat(40) : '0'.repeat(40);

    return `run_id:${this.runId}\nuptime_in_seconds:${uptime}\nmaster_replid2:${followed}\n`;
  }

  private tellOfWrite(key: string): void {
    for (const listener of this.writeListeners) listener(key);
  }
}
