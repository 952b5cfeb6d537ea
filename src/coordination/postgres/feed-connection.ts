import { withDeadline } from '../../resilience/deadline.js';
import type { SqlClient, SqlConnection } from './sql-client.js';

/** A connection that does not answer for so long is given up. */
const ANSWER_MS = 10_000;

/** With which codes a server says that it ends the connection: an operator intervened, or something on the way failed. */
const ENDED = /^(57P|08)/;

interface Attempt {
  readonly connection: SqlConnection;
  /** Connected, and told of changes from then on. */
  readonly listening: Promise<void>;
  /** It has ended, and nobody here has ended it. */
  readonly lost: () => void;
}

/**
 * One connection that listens, made when it is needed and made anew after any failure.
 *
 * Whatever was told while there was none has to be looked up, so `changed` is also called when an established one is lost.
 *
 * Invariant: only the current connection can be lost. One that was given up tells of its end when another may be in its place.
 */
export class FeedConnection implements SqlClient {
  private current: Attempt | undefined;

  constructor(
    private readonly connect: () => SqlConnection,
    private readonly channel: string,
    private readonly changed: () => void,
  ) {}

  async query(text: string, params: (string | number)[] = []): Promise<{ readonly rows: readonly unknown[] }> {
    const current = (this.current ??= this.attempt());
    try {
      await current.listening;
      return await withDeadline('postgresFeed', ANSWER_MS, current.connection.query(text, params));
    } catch (error) {
      if (isEnded(error)) current.lost();
      void this.giveUp(current);
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.current !== undefined) await this.giveUp(this.current);
  }

  private attempt(): Attempt {
    const connection = this.connect();
    let isListening = false;
    const listening = this.listen(connection).then(() => {
      isListening = true;
    });
    const lost = (): void => {
      // One that could not be established is tried again in its time, not at once; so is one that failed a statement.
      if (!isListening || this.current !== attempt) return;
      void this.giveUp(attempt);
      this.changed();
    };
    const attempt = { connection, listening, lost };
    connection.on('error', lost);
    connection.on('end', lost);
    connection.on('notification', this.changed);

    return attempt;
  }

  private async listen(connection: SqlConnection): Promise<void> {
    await withDeadline('postgresFeed', ANSWER_MS, connection.connect());
    await withDeadline('postgresFeed', ANSWER_MS, connection.query(`LISTEN ${this.channel}`, []));
  }

  /** Several statements may fail of one connection; it is ended once, and never that which has taken its place. */
  private async giveUp(attempt: Attempt): Promise<void> {
    if (this.current !== attempt) return;
    this.current = undefined;
    await attempt.connection.end().catch(() => undefined);
  }
}

/** A connection that is ended in the middle of a statement says so to the statement first. */
function isEnded(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as { readonly code?: unknown };

  return typeof code === 'string' && ENDED.test(code);
}
