import { createHash } from 'node:crypto';
import type { CacheEntry } from '../entry/cache-entry.js';

// Invariant: whatever happens to a fact (rounding, a collision of hashes, folding), every entry that it refused is still
// refused. So instants are rounded up and only ever rise, an entry of the very instant counts as before it (a coarse clock
// gives one instant to what came one after the other), and what cannot be told apart shares the stricter fact.

/** What a ticket says of an entry. */
export type TicketVerdict =
  | 'ok'
  /** It may have been loaded before something that the caller wrote, or before the session began. */
  | 'before-own-write'
  /** It may have been loaded before the value that the caller saw last. */
  | 'behind-last-seen';

/** A value that a caller was given: an entry, or the outcome of a load. */
export interface SeenValue {
  /** The entry's; undefined when the value is in none. */
  readonly nonce: string | undefined;
  /** Everything in the value was read at or after this instant, in ms. */
  readonly asOfMs: number;
  /** Everything in it was read at or before this instant, in ms. */
  readonly loadEndMs: number;
}

/** The last value seen under one key. */
export interface SeenFact {
  /** That very entry may be seen again. Undefined when it is in none, or when another one was seen beside it. */
  readonly nonce: string | undefined;
  readonly notBeforeMs: number;
}

/** All that a ticket remembers. Instants are whole milliseconds of the shared clock. */
export interface SessionFacts {
  /** What the caller did before is not known, so nothing that was loaded before counts, except what it has seen since. */
  readonly begunMs: number;
  /** The latest of the facts that had to be forgotten: nothing that was loaded before counts at all. 0 for none. */
  readonly foldedMs: number;
  /** By the hash of a tag: the caller wrote no later than then. */
  readonly written: ReadonlyMap<string, number>;
  /** By the hash of a key. */
  readonly seen: ReadonlyMap<string, SeenFact>;
}

/** 48 bits are enough, since two tags or two keys that collide share the stricter fact. */
export const HASH_BYTES = 6;
/** Room for an instant in whole milliseconds until the year 10889. */
export const INSTANT_BYTES = 6;
/** No nonce of ours is longer; one that is cannot be recognised, so its entry is loaded anew. */
export const MAX_NONCE_BYTES = 40;
/** What the facts of a ticket may take when it is encoded: 1,024 characters of base64url, less what stands around them. */
const ROOM_BYTES = 700;
const WRITTEN_BYTES = HASH_BYTES + INSTANT_BYTES;

/**
 * What one caller wrote and saw, as far as it must be known to keep its reads from going back.
 *
 * It grows up to a fixed size; then its oldest facts fold into one instant before which nothing counts.
 *
 * @see docs/explanation/session.md
 */
export class SessionTicket {
  private usedBytes = 0;
  private changes = 0;

  private constructor(
    /** Of the store whose clock the instants are of. */
    readonly epoch: string,
    private readonly begunMs: number,
    private foldedMs: number,
    private readonly written: Map<string, number>,
    private readonly seen: Map<string, SeenFact>,
    private readonly roomBytes: number,
  ) {
    this.usedBytes = written.size * WRITTEN_BYTES;
    for (const fact of seen.values()) this.usedBytes += sizeOfSeen(fact);
  }

  /**
   * The ticket of a session that begins, or whose ticket was lost: one cannot be told from the other.
   *
   * @param nowMs the latest that it can be now by the shared clock
   * @param roomBytes what the facts may take when the ticket is encoded
   */
  static begin(epoch: string, nowMs: number, roomBytes = ROOM_BYTES): SessionTicket {
    const ticket = new SessionTicket(epoch, Math.ceil(nowMs), 0, new Map(), new Map(), roomBytes);
    ticket.changes = 1;

    return ticket;
  }

  /** The ticket that held these facts. */
  static restore(
    epoch: string,
    { begunMs, foldedMs, written, seen }: SessionFacts,
    roomBytes = ROOM_BYTES,
  ): SessionTicket {
    return new SessionTicket(epoch, begunMs, foldedMs, new Map(written), new Map(seen), roomBytes);
  }

  get facts(): SessionFacts {
    return { begunMs: this.begunMs, foldedMs: this.foldedMs, written: this.written, seen: this.seen };
  }

  /** Whether it has to be sent to its caller. */
  get changed(): boolean {
    return this.changes > 0;
  }

  /** Another number after each change. */
  get revision(): number {
    return this.changes;
  }

  /**
   * Notes what the caller has written.
   *
   * @param nowMs the latest that it can be now by the shared clock, read after the write was committed
   */
  wrote(tags: readonly string[], nowMs: number): void {
    const notBeforeMs = Math.ceil(nowMs);
    for (const tag of tags) {
      const hash = shortHash(tag);
      const known = this.written.get(hash);
      if ((known ?? this.foldedMs) >= notBeforeMs) continue;
      if (known === undefined) this.usedBytes += WRITTEN_BYTES;
      this.written.set(hash, notBeforeMs);
      this.changes += 1;
      this.makeRoom();
    }
  }

  /** Notes what the caller was given for a key: an entry that {@link accepts} let pass, or the outcome of a load. */
  saw(key: string, { nonce, asOfMs, loadEndMs }: SeenValue): void {
    const hash = shortHash(key);
    const last = this.seen.get(hash);
    if (last?.nonce !== undefined && last.nonce === nonce) return;

    // Values seen side by side may come in either order, so from then on neither may be seen again.
    const isBehind = last !== undefined && !(asOfMs > last.notBeforeMs);
    const recognisable = !isBehind && nonce !== undefined && Buffer.byteLength(nonce) <= MAX_NONCE_BYTES;
    const notBeforeMs = Math.max(Math.ceil(loadEndMs), last?.notBeforeMs ?? 0);
    if (last === undefined && notBeforeMs <= this.foldedMs) return;

    const fact: SeenFact = { nonce: recognisable ? nonce : undefined, notBeforeMs };
    this.usedBytes += sizeOfSeen(fact) - (last === undefined ? 0 : sizeOfSeen(last));
    this.seen.set(hash, fact);
    this.changes += 1;
    this.makeRoom();
  }

  /**
   * Notes that the caller was given a value of which no key is known, because the method itself answered.
   *
   * @param nowMs the latest that it can be now by the shared clock, read after the method answered
   */
  sawBesideCache(nowMs: number): void {
    const untilMs = Math.ceil(nowMs);
    if (untilMs <= this.foldedMs) return;
    this.fold(untilMs);
    this.changes += 1;
  }

  /**
   * Whether an entry shows the caller everything that it wrote, and nothing older than what it has seen.
   *
   * @param isOwn it was loaded in this very request, and so after everything that an earlier one may have written or seen
   */
  accepts(
    { key, nonce, asOfMs, snapshot }: Pick<CacheEntry, 'key' | 'nonce' | 'asOfMs' | 'snapshot'>,
    isOwn = false,
  ): TicketVerdict {
    const last = this.seen.get(shortHash(key));
    const isLastSeen = last?.nonce !== undefined && last.nonce === nonce;
    if (!(asOfMs > this.foldedMs)) return 'before-own-write';
    // The caller has been given this very entry since its session began, so what came before the session is no matter.
    if (!isLastSeen && !isOwn && !(asOfMs > this.begunMs)) return 'before-own-write';
    if (this.written.size > 0 && !snapshot.tags.every((tag) => asOfMs > (this.written.get(shortHash(tag)) ?? 0))) {
      return 'before-own-write';
    }
    if (last !== undefined && !isLastSeen && !(asOfMs > last.notBeforeMs)) return 'behind-last-seen';

    return 'ok';
  }

  /** The oldest facts go, and what they refused is refused by one instant for all tags and keys. */
  private makeRoom(): void {
    while (this.usedBytes > this.roomBytes) {
      let oldestMs = Infinity;
      for (const notBeforeMs of this.written.values()) oldestMs = Math.min(oldestMs, notBeforeMs);
      for (const { notBeforeMs } of this.seen.values()) oldestMs = Math.min(oldestMs, notBeforeMs);
      this.fold(oldestMs);
    }
  }

  /** Forgets every fact up to this instant: raised to it, `foldedMs` refuses all that any of them refused, and more. */
  private fold(untilMs: number): void {
    this.foldedMs = untilMs;
    for (const [hash, notBeforeMs] of this.written) {
      if (notBeforeMs > untilMs) continue;
      this.written.delete(hash);
      this.usedBytes -= WRITTEN_BYTES;
    }
    for (const [hash, fact] of this.seen) {
      if (fact.notBeforeMs > untilMs) continue;
      this.seen.delete(hash);
      this.usedBytes -= sizeOfSeen(fact);
    }
  }
}

function sizeOfSeen({ nonce }: SeenFact): number {
  return HASH_BYTES + INSTANT_BYTES + 1 + Buffer.byteLength(nonce ?? '');
}

/** Of UTF-16, not UTF-8, which would give all lone surrogates one hash. */
function shortHash(text: string): string {
  return createHash('sha256').update(text, 'utf16le').digest().toString('base64url', 0, HASH_BYTES);
}
