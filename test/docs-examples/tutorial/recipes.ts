// #region all
import { Injectable, NotFoundException } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';

export interface Recipe {
  readonly id: string;
  readonly title: string;
}

/** Stands for a database: slow, and counting. */
@Injectable()
export class RecipesTable {
  queries = 0;
  private readonly rows = new Map<string, Recipe>([['bread', { id: 'bread', title: 'Bread' }]]);

  async find(id: string): Promise<Recipe> {
    this.queries += 1;
    await wait(200);
    const row = this.rows.get(id);
    if (row === undefined) throw new NotFoundException(`No recipe ${id}`);

    return row;
  }

  async save(recipe: Recipe): Promise<void> {
    await wait(20);
    this.rows.set(recipe.id, recipe);
  }
}
// #endregion
