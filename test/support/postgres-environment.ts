import { randomBytes } from 'node:crypto';
import { relative } from 'node:path';
import { TestEnvironment } from 'jest-environment-node';
import { Client } from 'pg';

/** A test or a block of tests, as far as it matters here. */
interface Block {
  mode?: string | null | undefined;
  readonly children?: readonly Block[];
}

/**
 * Gives each spec file the name of a database of its own in DATABASE_URL, so that files can run side by side;
 * shop-database.ts creates it. Without a server the file is skipped, and its name is printed with the line that installs one.
 */
export default class PostgresEnvironment extends TestEnvironment {
  private readonly server = process.env.POSTGRES_FOR_TESTS ?? '';
  private readonly database = `spec_${randomBytes(8).toString('hex')}`;
  private readonly file: string;

  constructor(...[config, context]: ConstructorParameters<typeof TestEnvironment>) {
    super(config, context);
    this.file = relative(config.globalConfig.rootDir, context.testPath);
  }

  override async setup(): Promise<void> {
    await super.setup();
    if (this.isSkipped) {
      process.stderr.write(`skipped ${this.file}: ${process.env.POSTGRES_FOR_TESTS_MISSING ?? 'no PostgreSQL'}\n`);
      return;
    }

    const url = new URL(this.server);
    url.pathname = this.database;
    this.global.process.env.DATABASE_URL = url.href;
  }

  override async teardown(): Promise<void> {
    if (!this.isSkipped) await this.drop();
    await super.teardown();
  }

  handleTestEvent({ name }: { name: string }, { rootDescribeBlock }: { rootDescribeBlock: Block }): void {
    if (name === 'run_start' && this.isSkipped) skip(rootDescribeBlock);
  }

  private get isSkipped(): boolean {
    return this.server === '';
  }

  /** Not by force: a connection that a failed test left open would end with an error that nobody listens to. */
  private async drop(): Promise<void> {
    const client = new Client({ connectionString: this.server });
    try {
      await client.connect();
      await client.query(`DROP DATABASE IF EXISTS ${this.database}`);
    } catch (error) {
      process.stderr.write(`${this.file} leaves ${this.database} behind: ${String(error)}\n`);
    } finally {
      await client.end();
    }
  }
}

function skip(block: Block): void {
  block.mode = 'skip';
  block.children?.forEach(skip);
}
