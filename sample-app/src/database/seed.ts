import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { categories, customers, permissions, prices, productRevisions, products, stock, wallets } from './tables.js';

/**
 * What the shop starts with: the same products, customers and prices on every machine.
 *
 * Nothing here reads a clock or a random source, so the prepared dump can be checked against it by fingerprint.
 */

export const PRODUCTS_PER_CATEGORY = 250;
const CUSTOMER_COUNT = 8_000;
const FIRST_REGISTRATION_MS = Date.UTC(2024, 0, 1);
const REGISTRATION_SPAN_MS = 1_000 * 86_400_000;

const CATEGORIES = [
  { slug: 'mug', name: 'Mugs' },
  { slug: 'kettle', name: 'Kettles' },
  { slug: 'lamp', name: 'Lamps' },
  { slug: 'chair', name: 'Chairs' },
  { slug: 'desk', name: 'Desks' },
  { slug: 'shelf', name: 'Shelves' },
  { slug: 'clock', name: 'Clocks' },
  { slug: 'rug', name: 'Rugs' },
  { slug: 'vase', name: 'Vases' },
  { slug: 'bowl', name: 'Bowls' },
  { slug: 'towel', name: 'Towels' },
  { slug: 'blanket', name: 'Blankets' },
] as const;

const COLOURS = ['Amber', 'Blue', 'Coral', 'Dove', 'Ebony', 'Fern', 'Gold', 'Hazel', 'Ivory', 'Jade'];
const MAKERS = ['Aldgate', 'Birchwood', 'Calder', 'Dunmore', 'Elmhurst', 'Fairlie', 'Granville'];

/** The customers that the tour, the tests and the demo speak of by name; the rest are numbered. */
const NAMED_CUSTOMERS = [
  { id: 'ada', name: 'Ada', permissions: [] },
  { id: 'grace', name: 'Grace', permissions: [] },
  {
    id: 'staff',
    name: 'Shop staff',
    permissions: ['accounts:write', 'catalog:write', 'inventory:write', 'pricing:write'],
  },
] as const;

/** Every row of the fresh shop, table by table, in an order that satisfies the foreign keys. */
export function seedRows() {
  const random = mulberry32(20_261_120);
  const upTo = (limit: number) => Math.floor(random() * limit);

  const catalogue = CATEGORIES.flatMap(({ slug, name }) =>
    Array.from({ length: PRODUCTS_PER_CATEGORY }, (_, index) => {
      const title = `${pick(COLOURS, upTo)} ${pick(MAKERS, upTo)} ${slug}`;

      return {
        sku: `${slug}-${String(index + 1).padStart(4, '0')}`,
        category: slug,
        revision: 1,
        title,
        description: `${title}, number ${index + 1} of our ${name.toLowerCase()}.`,
        cents: 500 + upTo(20_000),
        available: 20 + upTo(200),
      };
    }),
  );

  const people = [
    ...NAMED_CUSTOMERS,
    ...Array.from({ length: CUSTOMER_COUNT }, (_, index) => {
      const id = `c-${String(index + 1).padStart(4, '0')}`;

      return { id, name: `Customer ${id}`, permissions: [] };
    }),
  ].map((person) => ({
    ...person,
    registeredAt: new Date(FIRST_REGISTRATION_MS + upTo(REGISTRATION_SPAN_MS)),
    cents: 50_000 + upTo(100_000),
  }));

  return [
    { table: categories, rows: [...CATEGORIES] },
    { table: products, rows: catalogue.map(({ sku, category, revision }) => ({ sku, category, revision })) },
    {
      table: productRevisions,
      rows: catalogue.map(({ sku, revision, title, description }) => ({ sku, revision, title, description })),
    },
    { table: prices, rows: catalogue.map(({ sku, cents }) => ({ sku, cents })) },
    { table: stock, rows: catalogue.map(({ sku, available }) => ({ sku, available })) },
    { table: customers, rows: people.map(({ id, name, registeredAt }) => ({ id, name, registeredAt })) },
    {
      table: permissions,
      rows: people.flatMap(({ id, permissions: held }) => held.map((permission) => ({ customerId: id, permission }))),
    },
    { table: wallets, rows: people.map(({ id, cents }) => ({ customerId: id, cents })) },
  ];
}

/** The DDL. Read from beside this file: nest-cli.json copies it, and the dump, beside the built one. */
export function schemaSql(): string {
  return readFileSync(new URL('schema.sql', import.meta.url), 'utf8');
}

/** Tells one edition of schema and seed from another. Stored with the data. */
export function seedFingerprint(): string {
  const rows = seedRows().map(({ rows: each }) => each);

  return createHash('sha256').update(schemaSql()).update(JSON.stringify(rows)).digest('hex');
}

function pick(words: readonly string[], upTo: (limit: number) => number): string {
  return words[upTo(words.length)] ?? '';
}

/** Tommy Ettinger's mulberry32: small, and the same on every platform. */
function mulberry32(seed: number): () => number {
  let state = seed;

  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);

    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
