import { Inject, Module, type OnModuleInit, type Provider } from '@nestjs/common';
import {
  ClsPluginTransactional,
  Propagation,
  TransactionHost,
  type TransactionalAdapter,
} from '@nestjs-cls/transactional';
import { TransactionalAdapterDrizzleOrm } from '@nestjs-cls/transactional-adapter-drizzle-orm';
import { eq } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { PgTransactionConfig } from 'drizzle-orm/pg-core';
import { ClsModule, ClsModuleOptions } from 'nestjs-cls';
import { transactional, Transactions } from 'nestjs-consistent-cache';
import { Pool } from 'pg';
import { databaseUrl, Rows, type Adapter, type Isolation } from '../rows.js';
import { PropagatingRows } from '../propagations.js';
import { numbers } from './drizzle-rows.js';

type Db = NodePgDatabase & { readonly $client: Pool };
/** Its own type does not compile under `exactOptionalPropertyTypes`. */
type DrizzleAdapter = TransactionalAdapter<Db, Db, PgTransactionConfig>;
type Host = TransactionHost<DrizzleAdapter>;

const DRIZZLE = Symbol('drizzle');
const open = (): Db => drizzle({ client: new Pool({ connectionString: databaseUrl() }) });

class ClsRows extends PropagatingRows {
  constructor(
    private readonly host: Host,
    private readonly pool: Pool,
  ) {
    super();
  }

  override async read(id: string): Promise<number> {
    const [row] = await this.host.tx.select().from(numbers).where(eq(numbers.id, id));

    return row?.value ?? NaN;
  }

  override async write(id: string, value: number): Promise<void> {
    await this.host.tx.update(numbers).set({ value }).where(eq(numbers.id, id));
  }

  override transaction<T>(body: () => Promise<T>, isolationLevel: Isolation = 'read committed'): Promise<T> {
    return this.host.withTransaction({ isolationLevel }, body);
  }

  override ownTransaction<T>(body: () => Promise<T>): Promise<T> {
    return this.host.withTransaction(Propagation.RequiresNew, body);
  }

  override savepoint<T>(body: () => Promise<T>): Promise<T> {
    return this.host.withTransaction(Propagation.Nested, body);
  }

  override supporting<T>(body: () => Promise<T>): Promise<T> {
    return this.host.withTransaction(Propagation.Supports, body);
  }

  override notSupporting<T>(body: () => Promise<T>): Promise<T> {
    return this.host.withTransaction(Propagation.NotSupported, body);
  }

  override never<T>(body: () => Promise<T>): Promise<T> {
    return this.host.withTransaction(Propagation.Never, body);
  }

  override without<T>(body: () => Promise<T>): Promise<T> {
    return this.host.withoutTransaction(body);
  }

  override async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}

// #region host
/** Once for the application; it needs nothing of whoever uses `@Transactional()`. */
@Module({})
class TellsCachesOfTransactions implements OnModuleInit {
  constructor(
    @Inject(TransactionHost) private readonly host: TransactionHost,
    private readonly transactions: Transactions,
  ) {}

  onModuleInit(): void {
    const isOpen = (): boolean => this.host.isTransactionActive();
    transactional(this.transactions, this.host, 'withTransaction', isOpen);
    transactional(this.transactions, this.host, 'withoutTransaction', isOpen);
  }
}
// #endregion

function cls(name: string, db: Provider & { readonly provide: symbol }, tells: readonly (new () => object)[]): Adapter {
  @Module({ providers: [db], exports: [DRIZZLE] })
  class DrizzleModule {}
  const plugin = new ClsPluginTransactional({
    imports: [DrizzleModule],
    adapter: new TransactionalAdapterDrizzleOrm<Db>({ drizzleInstanceToken: DRIZZLE }) as DrizzleAdapter,
  });

  return {
    name,
    hasOutsiders: true,
    parts: () => ({
      imports: [
        DrizzleModule,
        ClsModule.forRoot(Object.assign(new ClsModuleOptions(), { plugins: [plugin] })),
        ...tells,
      ],
      providers: [
        {
          provide: Rows,
          inject: [TransactionHost, DRIZZLE],
          useFactory: (host: Host, { $client }: Db) => new ClsRows(host, $client),
        },
      ],
    }),
  };
}

/** What begins the transactions tells of them, and the host needs nothing. */
export const clsToldByDrizzle = cls(
  '@nestjs-cls/transactional over a drizzle that tells',
  {
    provide: DRIZZLE,
    inject: [Transactions],
    useFactory: (transactions: Transactions) => transactional(transactions, open()),
  },
  [],
);

export const clsToldByHost = cls('@nestjs-cls/transactional whose host tells', { provide: DRIZZLE, useFactory: open }, [
  TellsCachesOfTransactions as new () => object,
]);
