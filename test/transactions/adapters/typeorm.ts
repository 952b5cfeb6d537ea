import { transactional, Transactions } from 'nestjs-consistent-cache';
import { AsyncLocalStorage } from 'node:async_hooks';
import { DataSource, type EntityManager } from 'typeorm';
import { databaseUrl, FIND, Rows, SET, type Adapter, type Isolation } from '../rows.js';

const ISOLATION = {
  'read committed': 'READ COMMITTED',
  'repeatable read': 'REPEATABLE READ',
  serializable: 'SERIALIZABLE',
} as const;

class TypeormRows extends Rows {
  private readonly open = new AsyncLocalStorage<EntityManager>();

  constructor(private readonly source: DataSource) {
    super();
  }

  private get manager(): EntityManager {
    return this.open.getStore() ?? this.source.manager;
  }

  override async read(id: string): Promise<number> {
    const [row] = await this.manager.query<{ readonly value: number }[]>(FIND, [id]);

    return row?.value ?? NaN;
  }

  override async write(id: string, value: number): Promise<void> {
    await this.manager.query(SET, [id, value]);
  }

  override transaction<T>(body: () => Promise<T>, isolation: Isolation = 'read committed'): Promise<T> {
    return this.source.transaction(ISOLATION[isolation], (manager) => this.open.run(manager, body));
  }

  override ownTransaction<T>(body: () => Promise<T>): Promise<T> {
    return this.source.transaction((manager) => this.open.run(manager, body));
  }

  override savepoint<T>(body: () => Promise<T>): Promise<T> {
    return this.manager.transaction((manager) => this.open.run(manager, body));
  }

  override async onApplicationShutdown(): Promise<void> {
    await this.source.destroy();
  }
}

// #region provide
const dataSourceProvider = {
  provide: DataSource,
  inject: [Transactions],
  useFactory: async (transactions: Transactions) => {
    const source = new DataSource({ type: 'postgres', url: databaseUrl() });
    transactional(transactions, source.manager);

    return source.initialize();
  },
};
// #endregion

export const typeorm: Adapter = {
  name: 'TypeORM',
  hasOutsiders: true,
  parts: () => ({
    providers: [
      dataSourceProvider,
      { provide: Rows, inject: [DataSource], useFactory: (source: DataSource) => new TypeormRows(source) },
    ],
  }),
};
