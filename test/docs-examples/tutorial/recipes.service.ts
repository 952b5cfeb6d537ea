// #region all
import { Injectable } from '@nestjs/common';
import { Cacheable, CacheDefaults, CacheEvict } from 'nestjs-consistent-cache';
import { RecipesTable, type Recipe } from './recipes.js';

@Injectable()
@CacheDefaults({ owner: 'kitchen' })
export class RecipesService {
  constructor(private readonly table: RecipesTable) {}

  @Cacheable({ consistency: 'strong', scope: 'shared', tags: { recipe: (id: string) => id } })
  recipe(id: string): Promise<Recipe> {
    return this.table.find(id);
  }

  @CacheEvict({ tags: { recipe: (id: string) => id } })
  async rename(id: string, title: string): Promise<void> {
    await this.table.save({ id, title });
  }

  // #region notes
  @Cacheable({ consistency: 'eventual', scope: 'user', ttl: '10m' })
  async suggestion(): Promise<Recipe> {
    return this.table.find('bread');
  }
  // #endregion
}
// #endregion
