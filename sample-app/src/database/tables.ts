import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';

/** The tables of schema.sql, as drizzle sees them. */

export const categories = pgTable('categories', {
  slug: text().primaryKey(),
  name: text().notNull(),
});

export const products = pgTable('products', {
  sku: text().primaryKey(),
  category: text().notNull(),
  revision: integer().notNull(),
});

export const productRevisions = pgTable(
  'product_revisions',
  {
    sku: text().notNull(),
    revision: integer().notNull(),
    title: text().notNull(),
    description: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.sku, table.revision] })],
);

export const prices = pgTable('prices', {
  sku: text().primaryKey(),
  cents: integer().notNull(),
});

export const stock = pgTable('stock', {
  sku: text().primaryKey(),
  available: integer().notNull(),
});

export const customers = pgTable('customers', {
  id: text().primaryKey(),
  name: text().notNull(),
  registeredAt: timestamp('registered_at', { withTimezone: true }).notNull(),
});

export const permissions = pgTable(
  'permissions',
  {
    customerId: text('customer_id').notNull(),
    permission: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.customerId, table.permission] })],
);

export const wallets = pgTable('wallets', {
  customerId: text('customer_id').primaryKey(),
  cents: integer().notNull(),
});

export const cartLines = pgTable(
  'cart_lines',
  {
    customerId: text('customer_id').notNull(),
    sku: text().notNull(),
    quantity: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.customerId, table.sku] })],
);

export const orders = pgTable('orders', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  customerId: text('customer_id').notNull(),
  totalCents: integer('total_cents').notNull(),
});

export const orderLines = pgTable(
  'order_lines',
  {
    orderId: integer('order_id').notNull(),
    sku: text().notNull(),
    quantity: integer().notNull(),
    cents: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.orderId, table.sku] })],
);

export const editions = pgTable('editions', {
  fingerprint: text().primaryKey(),
});
