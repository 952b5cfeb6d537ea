import { familyTag } from '../../entry/tag.js';
import { toMs } from '../../time/duration.js';
import type { Duration } from '../../time/duration.js';
import { StoreRefusedError } from '../coordination.errors.js';
import type { Evict } from '../eviction-outbox.js';
import { ExternalWrites } from '../external-writes.js';
import type { ExternalWritesContext, OpenExternalWrites } from '../external-writes.js';
import { CHANNEL, FEED_SCHEMA, fedTablesOf, feedNames, triggerNamesOf } from './external-writes-sql.js';
import type { FedFamilies, FedTable } from './external-writes-sql.js';
import { FeedChanges } from './feed-changes.js';
import { FeedConnection } from './feed-connection.js';
import { gapBetween, OwnPosition, SharedPosition } from './feed-position.js';
import type { FeedPosition, ReaderPosition } from './feed-position.js';
import { quotedTable, rowsOf } from './sql-client.js';
import type { SqlConnection } from './sql-client.js';
import { SteadyWork } from './steady-work.js';
import type { Round } from './steady-work.js';

export interface PostgresFeedOptions {
  /**
   * Makes a connection for the feed alone, which it opens and ends: `() => new Client({ connectionString })` of `pg`. To the
   * primary, and not through a pooler that shares it between transactions.
   */
  readonly connect: () => SqlConnection;
  /** What is written past the application, as given to `externalWritesSql`. */
  readonly families: FedFamilies;
  /** As given to `externalWritesSql`. @default 'public' */
  readonly schema?: string;
  /** How often it is looked for changes of which no notification came. @default '5s' */
  readonly period?: Duration;
  /** How long a change is kept. Whoever has not looked for half as long evicts the families as a whole. @default '1h' */
  readonly retention?: Duration;
  /** How many changes are carried out at once. @default 500 */
  readonly batch?: number;
}

/**
 * Evicts what other programs change in a PostgreSQL (13 or later), as soon as they have committed it.
 *
 * @throws {InvalidDurationError}
 */
export function postgresFeed(options: PostgresFeedOptions): ExternalWrites {
  const { connect, families, schema = FEED_SCHEMA, period = '5s', retention = '1h', batch = 500 } = options;

  return new PostgresFeed({
    connect,
    fed: fedTablesOf(families),
    names: feedNames(schema),
    periodMs: toMs(period),
    retentionMs: toMs(retention),
    batch,
  });
}

interface Settings {
  readonly connect: () => SqlConnection;
  readonly fed: readonly FedTable[];
  readonly names: ReturnType<typeof feedNames>;
  readonly periodMs: number;
  readonly retentionMs: number;
  readonly batch: number;
}

class PostgresFeed extends ExternalWrites {
  readonly families: readonly string[];

  constructor(private readonly settings: Settings) {
    super();
    this.families = [...new Set(settings.fed.map(({ family }) => family))];
  }

  override open(context: ExternalWritesContext): OpenExternalWrites {
    return new OpenPostgresFeed(this.settings, this.families, context);
  }
}

/** Of those alone who carry out the same changes: a position moves past everything that its reader does not know. */
function sharedReader(reader: string, families: readonly string[]): string {
  return JSON.stringify([reader, ...families.toSorted()]);
}

class OpenPostgresFeed implements OpenExternalWrites {
  private readonly connection: FeedConnection;
  private readonly changes: FeedChanges;
  private readonly position: ReaderPosition;
  private readonly following: SteadyWork;
  private evict: Evict | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly families: readonly string[],
    private readonly context: ExternalWritesContext,
  ) {
    const { connect, names, batch, periodMs, retentionMs } = settings;
    const { clock, reader, report } = context;
    this.following = new SteadyWork('external-writes', () => this.catchUp(), periodMs, clock, report);
    this.connection = new FeedConnection(connect, CHANNEL, () => {
      this.following.wake();
    });
    this.changes = new FeedChanges(names.changes, families, batch, retentionMs);
    this.position =
      reader === undefined ? new OwnPosition() : new SharedPosition(names.readers, sharedReader(reader, families));
  }

  async listen(evict: Evict): Promise<void> {
    try {
      await this.inspect();
    } catch (error) {
      await this.connection.close();
      throw error;
    }
    this.evict = evict;
    this.following.start();
  }

  async close(): Promise<void> {
    await this.following.stop();
    await this.connection.close();
  }

  /** The position moves only after everything before it was evicted: a round that fails is done again as a whole. */
  private async catchUp(): Promise<Round> {
    const from = await this.position.claim(this.connection);
    if (from === 'busy') return 'left-to-others';
    const until = await this.changes.now(this.connection);
    await this.evictBetween(from, until);
    await this.position.keep(this.connection, until);
    await this.changes.prune(this.connection, until);

    return 'done';
  }

  private async evictBetween(from: FeedPosition | undefined, until: FeedPosition): Promise<void> {
    // Half, for what is pruned by one instance is read by another, a little later.
    const because = gapBetween(from, until, this.settings.retentionMs / 2);
    if (from !== undefined && because === undefined) {
      for await (const tags of this.changes.between(this.connection, from, until)) {
        await this.evictHere(tags);
      }
      return;
    }
    await this.evictHere(this.families.map(familyTag));
    this.context.report({ type: 'feed-restarted', because: because ?? 'no-position', families: this.families });
  }

  /** Where it fails the database answers and the store does not, as another instance may find it to do. */
  private async evictHere(tags: readonly string[]): Promise<void> {
    try {
      await this.evict?.(tags);
    } catch (error) {
      // What cannot be released passes to another instance in its time.
      await this.position.release(this.connection).catch(() => undefined);
      throw error;
    }
  }

  /** A trigger that is missing would be a change that nobody is ever told of. */
  private async inspect(): Promise<void> {
    const fix = 'Run what externalWritesSql returns as a migration, for the same families';
    for (const fed of this.settings.fed) {
      const wanted = triggerNamesOf(fed);
      const found = await this.triggersOn(fed, wanted);
      if (found < wanted.length) {
        throw new StoreRefusedError('postgresFeed', `Changes of ${fed.table} are not noted for '${fed.family}'`, fix);
      }
    }
  }

  private async triggersOn({ table, family, column }: FedTable, names: readonly string[]): Promise<number> {
    try {
      const [found] = await rowsOf<{ triggers: number }>(
        this.connection,
        `SELECT count(*)::int AS triggers FROM pg_trigger
         WHERE tgrelid = to_regclass($1) AND tgname IN (SELECT jsonb_array_elements_text($2::jsonb)) AND tgenabled IN ('O', 'A')
           AND tgargs = decode($3, 'hex')`,
        [quotedTable(table), JSON.stringify(names), Buffer.from(`${family}\0${column}\0`).toString('hex')],
      );
      return found?.triggers ?? 0;
    } catch (cause) {
      throw new StoreRefusedError('postgresFeed', 'PostgreSQL does not answer', 'Check connect', cause);
    }
  }
}
