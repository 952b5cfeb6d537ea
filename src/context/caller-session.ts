import type { Clock } from '../time/clock.js';
import { SessionTicket } from './session-ticket.js';
import { decodeTicket, encodeTicket } from './ticket-codec.js';
import type { TicketFault } from './ticket-codec.js';

/** What tickets are made with. */
export interface TicketIssue {
  /** What they are signed with: the same in every instance. */
  readonly secret: string;
  /** Which store, and since when: its epoch, together with what tells this application from others on the same store. */
  readonly epoch: () => string;
  /** The clock that all instances share. */
  readonly clock: Clock;
  /** Hears of a ticket that was ignored. */
  readonly report: (fault: TicketFault) => void;
}

/**
 * The session that surrounds a call. Its ticket is read when something asks for it: a request that neither reads a session
 * cache nor evicts anything pays for no signature.
 */
export class CallerSession {
  private opened: SessionTicket | undefined;
  /** Signed once for each state, however often a response asks. */
  private encoded: { readonly ticket: SessionTicket; readonly revision: number; readonly text: string } | undefined;

  /** @param brought asks for the ticket that the caller has brought, as text */
  constructor(
    private readonly issue: TicketIssue,
    private readonly brought: () => string | undefined,
  ) {}

  /** What the caller wrote and saw. A session that has no valid ticket begins. */
  current(): SessionTicket {
    const epoch = this.issue.epoch();
    if (this.opened?.epoch === epoch) return this.opened;

    // The store has restarted under a running call: the instants known so far are of a clock that is gone.
    if (this.opened !== undefined) return this.beginAfter('other-epoch', epoch);
    const brought = this.brought();
    if (brought === undefined) return this.begin(epoch);

    const decoded = decodeTicket(brought, this.issue.secret, epoch);
    if ('fault' in decoded) return this.beginAfter(decoded.fault, epoch);
    this.opened = decoded.ticket;

    return decoded.ticket;
  }

  /** The ticket to go on with; undefined when there was none and none was needed. */
  get ticket(): string | undefined {
    return this.news ?? this.brought();
  }

  /** The ticket, if it says anything that the caller's own does not. */
  get news(): string | undefined {
    const ticket = this.opened;
    if (ticket?.changed !== true) return undefined;

    const { revision } = ticket;
    if (this.encoded?.ticket !== ticket || this.encoded.revision !== revision) {
      this.encoded = { ticket, revision, text: encodeTicket(ticket, this.issue.secret) };
    }

    return this.encoded.text;
  }

  private beginAfter(fault: TicketFault, epoch: string): SessionTicket {
    this.issue.report(fault);

    return this.begin(epoch);
  }

  private begin(epoch: string): SessionTicket {
    this.opened = SessionTicket.begin(epoch, this.issue.clock.nowMs());

    return this.opened;
  }
}
