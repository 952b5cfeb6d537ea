// #region all
import { Module } from '@nestjs/common';
import { ConsistentCacheModule } from 'nestjs-consistent-cache';
import { CachesController } from './caches.controller.js';
import { RecipesController } from './recipes.controller.js';
import { RecipesService } from './recipes.service.js';
import { RecipesTable } from './recipes.js';

@Module({
  imports: [
    ConsistentCacheModule.forRoot({
      topology: 'single-process',
      identity: {
        fromContext: (context) => ({
          // Stands for your authentication: anybody may claim to be anybody.
          user: context.switchToHttp().getRequest<{ headers: Record<string, string> }>().headers['x-user'],
        }),
      },
    }),
  ],
  controllers: [RecipesController, CachesController],
  providers: [RecipesTable, RecipesService],
})
export class AppModule {}
// #endregion
