import type { CallScopes } from './call-scope.js';
import { CallerSession } from './caller-session.js';
import type { TicketIssue } from './caller-session.js';

/** What came of work in a session. */
export interface SessionRun<T> {
  readonly result: T;
  /** For the session's next request, message or job; undefined when nothing was read or written that concerns a session. */
  readonly ticket: string | undefined;
}

/**
 * Sessions outside HTTP: a message, a job, a test. Over HTTP the ticket travels by itself, in a cookie or header.
 *
 * A session is a sequence of calls, each of which brings the ticket that an earlier one ended with.
 */
export class SessionContext {
  constructor(
    private readonly scopes: CallScopes,
    private readonly issue: TicketIssue,
  ) {}

  /**
   * Runs `work` in the session of this ticket; without one, a session begins. A ticket that is not ours is ignored.
   *
   * When `work` may fail after it has written, let it take the {@link ticket} itself.
   *
   * @throws what `work` throws
   */
  async run<T>(ticket: string | undefined, work: () => T | Promise<T>): Promise<SessionRun<T>> {
    const session = new CallerSession(this.issue, () => ticket);
    const result = await this.scopes.within({ session }, work);

    return { result, ticket: session.ticket };
  }

  /**
   * The ticket of the present session as it is now, to hand on: into a message, to a job, into a response that the handler
   * sends itself. Undefined outside every session, and where nothing has concerned one yet.
   */
  ticket(): string | undefined {
    return this.scopes.current().session?.ticket;
  }
}
