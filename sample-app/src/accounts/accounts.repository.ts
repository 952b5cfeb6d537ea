import { Injectable } from '@nestjs/common';
import { and, eq, gte, sql } from 'drizzle-orm';
import { Database } from '../database/database.js';
import { customers, permissions, wallets } from '../database/tables.js';
import type { Customer, Permission, Wallet } from './accounts.types.js';

@Injectable()
export class AccountsRepository {
  constructor(private readonly database: Database) {}

  async findCustomer(id: string): Promise<Customer | undefined> {
    const [customer] = await this.database.read((orm) =>
      orm.select({ id: customers.id, name: customers.name }).from(customers).where(eq(customers.id, id)),
    );

    return customer;
  }

  /** Writes the customer and an empty wallet; `false` when the id is taken. */
  register({ id, name }: Customer): Promise<boolean> {
    return this.database.transaction(async (transaction) => {
      const added = await transaction
        .insert(customers)
        .values({ id, name, registeredAt: sql`now()` })
        .onConflictDoNothing()
        .returning();
      if (added.length === 0) return false;
      await transaction.insert(wallets).values({ customerId: id, cents: 0 });

      return true;
    });
  }

  async permissionsOf(customerId: string): Promise<string[]> {
    const rows = await this.database.read((orm) =>
      orm
        .select({ permission: permissions.permission })
        .from(permissions)
        .where(eq(permissions.customerId, customerId)),
    );

    return rows.map(({ permission }) => permission);
  }

  async grant(customerId: string, permission: Permission): Promise<void> {
    await this.database.write((orm) =>
      orm.insert(permissions).values({ customerId, permission }).onConflictDoNothing(),
    );
  }

  async revoke(customerId: string, permission: Permission): Promise<void> {
    await this.database.write((orm) =>
      orm
        .delete(permissions)
        .where(and(eq(permissions.customerId, customerId), eq(permissions.permission, permission))),
    );
  }

  async walletOf(customerId: string): Promise<Wallet | undefined> {
    const [wallet] = await this.database.read((orm) =>
      orm.select().from(wallets).where(eq(wallets.customerId, customerId)),
    );

    return wallet;
  }

  async deposit(customerId: string, cents: number): Promise<void> {
    await this.database.write((orm) =>
      orm
        .update(wallets)
        .set({ cents: sql`${wallets.cents} + ${cents}` })
        .where(eq(wallets.customerId, customerId)),
    );
  }

  /** Takes the money when it is there; `false` leaves everything as it was. */
  async charge(customerId: string, cents: number): Promise<boolean> {
    const charged = await this.database.write((orm) =>
      orm
        .update(wallets)
        .set({ cents: sql`${wallets.cents} - ${cents}` })
        .where(and(eq(wallets.customerId, customerId), gte(wallets.cents, cents)))
        .returning(),
    );

    return charged.length > 0;
  }
}
