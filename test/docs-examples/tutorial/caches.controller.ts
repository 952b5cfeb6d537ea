// #region all
import { Controller, Get } from '@nestjs/common';
import { CacheCatalogue, CacheMetrics } from 'nestjs-consistent-cache';

@Controller('caches')
export class CachesController {
  constructor(
    private readonly catalogue: CacheCatalogue,
    private readonly metrics: CacheMetrics,
  ) {}

  @Get()
  caches() {
    return this.catalogue.list().map(({ name, owner, consistency, scope, evictedBy }) => {
      const { hit, miss, refused } = this.metrics.figuresOf(name);

      return { name, owner, consistency, scope, evictedBy, hit, miss, refused };
    });
  }
}
// #endregion
