// #region all
import { Injectable, Module } from '@nestjs/common';
import { Cacheable, CacheEvict, ConsistentCacheModule } from 'nestjs-consistent-cache';
import { RecipesTable, type Recipe } from './recipes.js';

@Injectable()
export class RecipesService {
  constructor(private readonly table: RecipesTable) {}

  @Cacheable({ consistency: 'strong', scope: 'shared', owner: 'kitchen', tags: { recipe: (id: string) => id } })
  recipe(id: string): Promise<Recipe> {
    return this.table.find(id);
  }

  @CacheEvict({ tags: { recipes: (id: string) => id } })
  async rename(id: string, title: string): Promise<void> {
    await this.table.save({ id, title });
  }
}

@Module({ imports: [ConsistentCacheModule.forRoot()], providers: [RecipesTable, RecipesService] })
export class AppModule {}
// #endregion
