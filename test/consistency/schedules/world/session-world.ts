import fc from 'fast-check';
import { SessionTicket } from '../../../../src/context/session-ticket.js';
import { decodeTicket, encodeTicket } from '../../../../src/context/ticket-codec.js';
import type { CacheEntry } from '../../../../src/entry/cache-entry.js';

/** One thing that happens; numbers choose among what there is. */
export type SessionStep =
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'others-write'; readonly thing: number }
  | { readonly do: 'begin-load'; readonly thing: number }
  /** A load that runs reads its origin now, not at its end. */
  | { readonly do: 'ask-origin'; readonly load: number }
  | { readonly do: 'end-load'; readonly load: number }
  | { readonly do: 'write'; readonly thing: number }
  /** The caller reads from as many instances at once; each has kept whichever entry it likes, of any age. */
  | { readonly do: 'read'; readonly thing: number; readonly entries: readonly number[] }
  /** The caller loads for itself, and writes something while it waits. */
  | { readonly do: 'load-and-write'; readonly thing: number; readonly written: number }
  | { readonly do: 'move' }
  | { readonly do: 'lose-ticket' };

type Entry = Pick<CacheEntry, 'key' | 'nonce' | 'asOfMs' | 'loadEndMs' | 'snapshot'> & { readonly value: number };

interface RunningLoad {
  readonly thing: number;
  readonly asOfMs: number;
  value: number | undefined;
}

const SECRET = 'a secret of the application';
const EPOCH = 'run-1';
const THINGS = 3;

const thing = fc.nat(THINGS - 1);
const any = fc.nat(1_000);

/** Counted from the newest, which are the ones that a ticket may let pass. */
const anyEntry = fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: any });

const someStep = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('others-write' as const), thing }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('begin-load' as const), thing }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ask-origin' as const), load: any }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end-load' as const), load: any }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('write' as const), thing }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      thing,
      entries: fc.array(anyEntry, { minLength: 1, maxLength: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('load-and-write' as const), thing, written: thing }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('move' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose-ticket' as const) }) },
);

export const someSessionSteps: fc.Arbitrary<SessionStep[]> = fc.array(someStep, {
  minLength: 10,
  maxLength: 80,
  size: 'max',
});

export interface SessionWorldOptions {
  /** What the facts of a ticket may take; a little, so that folding happens. */
  readonly roomBytes: number;
  /** How far a clock may be off; each look at it draws from these in turn. */
  readonly uncertaintyMs: readonly number[];
  /** The first two things share the hashes of their keys and tags. */
  readonly collide: boolean;
}

/**
 * A caller among instances that cache as they like: what one loaded, any may serve, at any time.
 *
 * The state of a thing is how often it has been written, so to go back is to see a smaller number.
 */
export class SessionWorld {
  /** Reads that went back behind what the caller wrote or saw. */
  readonly faults: string[] = [];
  /** How many reads an entry has answered. */
  hits = 0;
  private nowMs = 100;
  private looks = 0;
  private nonces = 0;
  private readonly states: number[] = Array<number>(THINGS).fill(0);
  /** The least that the caller may see of each thing. */
  private readonly floors: number[] = Array<number>(THINGS).fill(0);
  private readonly loads: RunningLoad[] = [];
  private readonly entries: Entry[][] = Array.from({ length: THINGS }, () => []);
  private ticket: SessionTicket;

  constructor(private readonly options: SessionWorldOptions) {
    this.ticket = SessionTicket.begin(EPOCH, this.latestMs(), options.roomBytes);
  }

  run(steps: readonly SessionStep[]): void {
    for (const step of steps) this.take(step);
  }

  private take(step: SessionStep): void {
    switch (step.do) {
      case 'pass':
        this.nowMs += step.ms;
        return;
      case 'others-write':
        this.commit(step.thing);
        return;
      case 'begin-load':
        this.loads.push(this.beginLoad(step.thing));
        return;
      case 'ask-origin': {
        const load = this.loads[step.load % this.loads.length];
        if (load !== undefined) load.value ??= this.states[load.thing];
        return;
      }
      case 'end-load': {
        const [load] = this.loads.splice(step.load % Math.max(1, this.loads.length), 1);
        if (load !== undefined) this.endLoad(load);
        return;
      }
      case 'write':
        this.write(step.thing);
        return;
      case 'read':
        this.read(step.thing, step.entries);
        return;
      case 'load-and-write': {
        const load = this.beginLoad(step.thing);
        load.value = this.states[step.thing];
        this.nowMs += 1;
        this.write(step.written);
        this.nowMs += 1;
        this.give(this.endLoad(load), step.thing);
        return;
      }
      case 'move': {
        const decoded = decodeTicket(encodeTicket(this.ticket, SECRET), SECRET, EPOCH);
        if ('fault' in decoded) throw new Error(decoded.fault);
        this.ticket = SessionTicket.restore(EPOCH, decoded.ticket.facts, this.options.roomBytes);
        return;
      }
      case 'lose-ticket':
        this.ticket = SessionTicket.begin(EPOCH, this.latestMs(), this.options.roomBytes);
    }
  }

  private commit(written: number): void {
    this.states[written] = (this.states[written] ?? 0) + 1;
    this.nowMs += 1;
  }

  private write(written: number): void {
    this.commit(written);
    this.ticket.wrote([this.nameOf(written)], this.latestMs());
    this.raise(written, this.states[written] ?? 0);
  }

  /** All are judged before any is given, as in a request that reads twice at once. */
  private read(read: number, choices: readonly number[]): void {
    const kept = this.entries[read] ?? [];
    const judged = choices.map((choice) => kept.at(-1 - (choice % Math.max(1, kept.length))));
    const accepted = judged.filter((entry) => entry !== undefined && this.ticket.accepts(entry) === 'ok') as Entry[];
    const floor = this.floors[read] ?? 0;
    for (const entry of accepted) {
      this.hits += 1;
      if (entry.value < floor) this.faults.push(`saw ${entry.value} of ${read} after ${floor}`);
    }
    for (const entry of accepted) this.give(entry, read);
    if (accepted.length === choices.length) return;

    const load = this.beginLoad(read);
    this.nowMs += 1;
    this.give(this.endLoad(load), read);
  }

  private give(entry: Entry, read: number): void {
    this.ticket.saw(entry.key, entry);
    this.raise(read, entry.value);
  }

  private beginLoad(loaded: number): RunningLoad {
    return { thing: loaded, asOfMs: this.nowMs - this.uncertainty(), value: undefined };
  }

  private endLoad({ thing: loaded, asOfMs, value }: RunningLoad): Entry {
    const name = this.nameOf(loaded);
    this.nonces += 1;
    const entry: Entry = {
      key: name,
      nonce: `n${this.nonces}`,
      asOfMs,
      loadEndMs: this.latestMs(),
      snapshot: { tags: [name], versions: ['v'] },
      value: value ?? this.states[loaded] ?? 0,
    };
    this.entries[loaded]?.push(entry);

    return entry;
  }

  private raise(seen: number, value: number): void {
    this.floors[seen] = Math.max(this.floors[seen] ?? 0, value);
  }

  private latestMs(): number {
    return this.nowMs + this.uncertainty();
  }

  private uncertainty(): number {
    const { uncertaintyMs } = this.options;
    this.looks += 1;

    return uncertaintyMs[this.looks % uncertaintyMs.length] ?? 0;
  }

  /** Two names that hash alike are, to a ticket, the same name. */
  private nameOf(named: number): string {
    return this.options.collide && named === 1 ? 'thing 0' : `thing ${named}`;
  }
}
