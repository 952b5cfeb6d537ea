import { Injectable } from '@nestjs/common';
import { and, asc, eq, sql } from 'drizzle-orm';
import { Database } from '../database/database.js';
import { categories, productRevisions, products } from '../database/tables.js';
import type { Category, ProductListing, ProductRevision } from './catalog.types.js';

const PRODUCTS_PER_PAGE = 24;

@Injectable()
export class CatalogRepository {
  constructor(private readonly database: Database) {}

  categories(): Promise<Category[]> {
    return this.database.read((orm) =>
      orm
        .select({
          slug: categories.slug,
          name: categories.name,
          // A bare count(*) is a number on PGlite and text on a server.
          products: sql<number>`cast(count(${products.sku}) AS integer)`,
        })
        .from(categories)
        .leftJoin(products, eq(products.category, categories.slug))
        .groupBy(categories.slug)
        .orderBy(asc(categories.name)),
    );
  }

  listing(category: string, page: number): Promise<ProductListing['products'][number][]> {
    return this.database.read((orm) =>
      orm
        .select({ sku: products.sku, title: productRevisions.title })
        .from(products)
        .innerJoin(
          productRevisions,
          and(eq(productRevisions.sku, products.sku), eq(productRevisions.revision, products.revision)),
        )
        .where(eq(products.category, category))
        .orderBy(asc(products.sku))
        .limit(PRODUCTS_PER_PAGE)
        .offset((page - 1) * PRODUCTS_PER_PAGE),
    );
  }

  async findProduct(sku: string): Promise<{ category: string; revision: number } | undefined> {
    const [product] = await this.database.read((orm) => orm.select().from(products).where(eq(products.sku, sku)));

    return product;
  }

  async findRevision(sku: string, revision: number): Promise<ProductRevision | undefined> {
    const [found] = await this.database.read((orm) =>
      orm
        .select()
        .from(productRevisions)
        .where(and(eq(productRevisions.sku, sku), eq(productRevisions.revision, revision))),
    );

    return found;
  }

  /** Writes the next revision and makes it the current one. */
  reword(sku: string, wording: { title: string; description: string }): Promise<ProductRevision | undefined> {
    return this.database.transaction(async (transaction) => {
      const [product] = await transaction
        .update(products)
        .set({ revision: sql`${products.revision} + 1` })
        .where(eq(products.sku, sku))
        .returning();
      if (product === undefined) return undefined;

      const { title, description } = wording;
      const [revision] = await transaction
        .insert(productRevisions)
        .values({ sku, revision: product.revision, title, description })
        .returning();

      return revision;
    });
  }
}
