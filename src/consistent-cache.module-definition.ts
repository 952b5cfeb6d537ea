import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { ConsistentCacheOptions } from './consistent-cache.options.js';

/** Gives `forRoot` and `forRootAsync` (factory, class, existing); a class provides `createConsistentCacheOptions()`. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<ConsistentCacheOptions>({
    moduleName: 'ConsistentCache',
  })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createConsistentCacheOptions')
    .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
    .build();

/** What a class for `forRootAsync({ useClass })` or `useExisting` implements. */
export interface ConsistentCacheOptionsFactory {
  createConsistentCacheOptions(): ConsistentCacheOptions | Promise<ConsistentCacheOptions>;
}
