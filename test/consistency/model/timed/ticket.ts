import type { SessionGuards } from './session-guards.js';

/* `context/session-ticket.ts`, of one key and one tag. What is never noted is `-Infinity`. */

/** A value as it was loaded. */
export interface Loaded {
  readonly value: number;
  readonly version: number;
  readonly nonce: number;
  readonly asOf: number;
  readonly loadStart: number;
  readonly loadEnd: number;
}

export interface Ticket {
  readonly epoch: number;
  readonly begun: number;
  readonly folded: number;
  readonly written: number;
  readonly seenNonce: number;
  readonly seenNotBefore: number;
  /** What a ticket of versions would remember instead. */
  readonly highestVersion: number;
}

export function begunTicket(epoch: number, begun: number): Ticket {
  return {
    epoch,
    begun,
    folded: -Infinity,
    written: -Infinity,
    seenNonce: 0,
    seenNotBefore: -Infinity,
    highestVersion: 0,
  };
}

export function wrote(ticket: Ticket, now: number, version: number): Ticket {
  return {
    ...ticket,
    written: Math.max(ticket.written, now),
    highestVersion: Math.max(ticket.highestVersion, version),
  };
}

export function saw({ seenLoadEnd }: SessionGuards, ticket: Ticket, loaded: Loaded): Ticket {
  if (ticket.seenNonce === loaded.nonce) return ticket;

  return {
    ...ticket,
    seenNonce: loaded.nonce,
    seenNotBefore: Math.max(seenLoadEnd ? loaded.loadEnd : loaded.loadStart, ticket.seenNotBefore),
    highestVersion: Math.max(ticket.highestVersion, loaded.version),
  };
}

export function folded(ticket: Ticket, folds: boolean): Ticket {
  const until = Math.max(ticket.written, ticket.seenNotBefore);

  return {
    ...ticket,
    folded: folds ? Math.max(ticket.folded, until) : ticket.folded,
    written: -Infinity,
    seenNonce: 0,
    seenNotBefore: -Infinity,
  };
}

export function accepts(guards: SessionGuards, ticket: Ticket, { nonce, asOf, version }: Loaded): boolean {
  if (!guards.loadInstants) return version >= ticket.highestVersion;
  const isAfter = (instant: number): boolean => (guards.strictlyLater ? asOf > instant : asOf >= instant);
  const isLastSeen = ticket.seenNonce === nonce;

  return (
    isAfter(ticket.folded) &&
    (isLastSeen || isAfter(ticket.begun)) &&
    (!guards.ownWrites || isAfter(ticket.written)) &&
    (!guards.lastSeen || isLastSeen || isAfter(ticket.seenNotBefore))
  );
}
