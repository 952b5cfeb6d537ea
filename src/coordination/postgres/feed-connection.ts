import { withDeadline } from '../../resilience/deadline.js';
import type { SqlClient, SqlConnection } from './sql-client.js';

/** A connection that does not answer for so long is given up. */
const ANSWER_MS = 10_000;

/**
 * One connection that listens, made when it is needed and made anew after any failure.
 *
 * Whatever was told while there was none has to be looked up, so `changed` is also called when an established one is lost.
 */
export class FeedConnection implements SqlClient {
  private current: Promise<SqlConnection> | undefined;
  private isClosed = false;

  constructor(
    private readonly connect: () => SqlConnection,
    private readonly channel: string,
    private readonly changed: () => void,
  ) {}

  async query(text: string, params: (string | number)[] = []): Promise<{ readonly rows: readonly unknown[] }> {
    const current = (this.current ??= this.establish());
    try {
      const connection = await current;
      return await withDeadline('postgresFeed', ANSWER_MS, connection.query(text, params));
    } catch (error) {
      this.giveUp(current);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const connection = await this.current?.catch(() => undefined);
    this.current = undefined;
    await connection?.end().catch(() => undefined);
  }

  private async establish(): Promise<SqlConnection> {
    const connection = this.connect();
    let isListening = false;
    const lost = (): void => {
      // One that could not be established is tried again in its time, not at once.
      if (!isListening || this.isClosed) return;
      isListening = false;
      this.current = undefined;
      this.changed();
    };
    connection.on('error', lost);
    connection.on('end', lost);
    connection.on('notification', this.changed);
    try {
      await withDeadline('postgresFeed', ANSWER_MS, connection.connect());
      await withDeadline('postgresFeed', ANSWER_MS, connection.query(`LISTEN ${this.channel}`, []));
    } catch (error) {
      void connection.end().catch(() => undefined);
      throw error;
    }
    isListening = true;

    return connection;
  }

  private giveUp(failed: Promise<SqlConnection>): void {
    if (this.current === failed) this.current = undefined;
    failed.then((connection) => connection.end()).catch(() => undefined);
  }
}
