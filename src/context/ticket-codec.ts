import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { HASH_BYTES, INSTANT_BYTES, SessionTicket } from './session-ticket.js';
import type { SeenFact } from './session-ticket.js';

// The bytes of a ticket: format, digest of the epoch, begun, folded, how many tags were written, each as hash and instant;
// then each value seen, as hash, instant, length of the nonce, nonce; then the signature of all that.

/** Why a ticket is ignored; its session begins anew. */
export type TicketFault =
  /** Longer than any ticket of ours. */
  | 'oversized'
  /** Not signed with this application's secret. */
  | 'forged'
  /** Signed, but of another release. */
  | 'unreadable'
  /** Of a store that has restarted since, or of another one. */
  | 'other-epoch';

export type DecodedTicket = { readonly ticket: SessionTicket } | { readonly fault: TicketFault };

/** No ticket is longer: it travels with every request of a browser. */
export const MAX_TICKET_LENGTH = 1_024;

/** Other formats are not read: their sessions begin anew. */
const FORMAT = 1;
const EPOCH_BYTES = 16;
const SIGNATURE_BYTES = 32;
/** No other use of the secret signs text that begins like this. */
const PURPOSE = 'session ticket:';

/** The ticket as signed text of at most {@link MAX_TICKET_LENGTH} characters: letters, digits, `-` and `_`. */
export function encodeTicket({ epoch, facts }: SessionTicket, secret: string): string {
  const { begunMs, foldedMs, written, seen } = facts;
  const parts = [Buffer.of(FORMAT), digestOf(epoch), instant(begunMs), instant(foldedMs), Buffer.of(written.size)];
  for (const [hash, notBeforeMs] of written) parts.push(Buffer.from(hash, 'base64url'), instant(notBeforeMs));
  for (const [hash, { nonce = '', notBeforeMs }] of seen) {
    const name = Buffer.from(nonce);
    parts.push(Buffer.from(hash, 'base64url'), instant(notBeforeMs), Buffer.of(name.length), name);
  }
  const payload = Buffer.concat(parts);

  return Buffer.concat([payload, signatureOf(payload, secret)]).toString('base64url');
}

/**
 * The ticket that a caller has brought.
 *
 * @param epoch the present one; the instants of another say nothing here
 */
export function decodeTicket(text: string, secret: string, epoch: string): DecodedTicket {
  if (text.length > MAX_TICKET_LENGTH) return { fault: 'oversized' };

  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length <= SIGNATURE_BYTES) return { fault: 'forged' };
  const payload = bytes.subarray(0, -SIGNATURE_BYTES);
  if (!timingSafeEqual(bytes.subarray(-SIGNATURE_BYTES), signatureOf(payload, secret))) return { fault: 'forged' };

  // What is signed has been written by this library, so only another release of it can have written something else.
  if (payload[0] !== FORMAT) return { fault: 'unreadable' };
  const reader = new Reader(payload, 1);
  if (!reader.bytes(EPOCH_BYTES).equals(digestOf(epoch))) return { fault: 'other-epoch' };

  return { ticket: readFacts(reader, epoch) };
}

function readFacts(reader: Reader, epoch: string): SessionTicket {
  const begunMs = reader.instant();
  const foldedMs = reader.instant();
  const written = new Map<string, number>();
  for (let left = reader.byte(); left > 0; left--) written.set(reader.hash(), reader.instant());
  const seen = new Map<string, SeenFact>();
  while (!reader.atEnd) {
    const hash = reader.hash();
    const notBeforeMs = reader.instant();
    const nonce = reader.bytes(reader.byte()).toString();
    seen.set(hash, { nonce: nonce === '' ? undefined : nonce, notBeforeMs });
  }

  return SessionTicket.restore(epoch, { begunMs, foldedMs, written, seen });
}

/** Reads on from where it stands. */
class Reader {
  constructor(
    private readonly from: Buffer,
    private at: number,
  ) {}

  get atEnd(): boolean {
    return this.at >= this.from.length;
  }

  bytes(length: number): Buffer {
    this.at += length;

    return this.from.subarray(this.at - length, this.at);
  }

  byte(): number {
    return this.bytes(1).readUInt8();
  }

  instant(): number {
    return this.bytes(INSTANT_BYTES).readUIntBE(0, INSTANT_BYTES);
  }

  hash(): string {
    return this.bytes(HASH_BYTES).toString('base64url');
  }
}

function instant(ms: number): Buffer {
  const bytes = Buffer.alloc(INSTANT_BYTES);
  bytes.writeUIntBE(ms, 0, INSTANT_BYTES);

  return bytes;
}

function digestOf(epoch: string): Buffer {
  return createHash('sha256').update(epoch).digest().subarray(0, EPOCH_BYTES);
}

function signatureOf(payload: Buffer, secret: string): Buffer {
  return createHmac('sha256', secret).update(PURPOSE).update(payload).digest();
}
