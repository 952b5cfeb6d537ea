import { Inject, Module } from '@nestjs/common';
import type {
  DynamicModule,
  OnApplicationBootstrap,
  OnApplicationShutdown,
  OnModuleDestroy,
  OnModuleInit,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { auditDeclarations } from './audit/declaration-audit.js';
import { CacheCatalogue } from './catalogue/cache-catalogue.js';
import { DeclarationExplorer } from './catalogue/declaration-explorer.js';
import { ConfigurableModuleClass } from './consistent-cache.module-definition.js';
import type { OPTIONS_TYPE } from './consistent-cache.module-definition.js';
import { PROVIDERS } from './consistent-cache.providers.js';
import { OPEN_STORE } from './consistent-cache.tokens.js';
import { ConsistentCache } from './consistent-cache.js';
import type { OpenStore } from './coordination/shared-store.js';
import { CallScopes } from './context/call-scope.js';
import { LoadContext } from './context/load-context.js';
import { SessionContext } from './context/session-context.js';
import { Transactions } from './context/transactions.js';
import { CallerContext } from './context/caller-context.js';
import { requestParametersOf } from './decorators/declaration-metadata.js';
import { METHOD_INVOKER } from './decorators/method-trampoline.js';
import type { MethodInvoker } from './decorators/method-trampoline.js';
import { Relays } from './engine/relays.js';
import { ConsistentCacheError } from './errors/consistent-cache-error.js';
import { WarmUp } from './interceptors/warm-up.js';
import { CacheMetrics } from './observability/cache-metrics.js';
import { CacheEvents } from './observability/event-channel.js';
import { Clock } from './time/clock.js';

/** Two of these modules would evict past each other. */
export class DuplicateModuleError extends ConsistentCacheError {
  constructor() {
    super({
      code: 'MODULE_DUPLICATED',
      what: 'ConsistentCacheModule is registered more than once, so evictions in one would not reach the other',
      where: 'imports',
      fix: 'Call forRoot or forRootAsync once, in the root module; it is global',
    });
  }
}

/**
 * Caching under declared consistency levels, for the whole application.
 *
 * @example `imports: [ConsistentCacheModule.forRoot({ topology: 'single-process' })]`
 * @see docs/reference/options.md
 */
@Module({
  imports: [DiscoveryModule],
  providers: PROVIDERS,
  exports: [
    METHOD_INVOKER,
    ConsistentCache,
    CacheCatalogue,
    CacheMetrics,
    CacheEvents,
    CallerContext,
    LoadContext,
    SessionContext,
    Transactions,
    Clock,
  ],
})
export class ConsistentCacheModule
  extends ConfigurableModuleClass
  implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown
{
  /** Registers the cache for the whole application. */
  static override forRoot(options: typeof OPTIONS_TYPE = {}): DynamicModule {
    return super.forRoot(options);
  }

  constructor(
    @Inject(DeclarationExplorer) private readonly explorer: DeclarationExplorer,
    @Inject(CacheCatalogue) private readonly catalogue: CacheCatalogue,
    @Inject(METHOD_INVOKER) private readonly invoker: MethodInvoker | undefined,
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(CallScopes) private readonly scopes: CallScopes,
    @Inject(OPEN_STORE) private readonly shared: OpenStore | undefined,
    @Inject(WarmUp) private readonly warmUp: WarmUp,
    @Inject(Relays) private readonly relays: Relays,
  ) {
    super();
  }

  /**
   * Finds every declaration, and refuses to start on a contradiction.
   *
   * @throws {AuditFailedError} with every finding, worst first
   * @throws {DuplicateModuleError}
   */
  async onModuleInit(): Promise<void> {
    try {
      this.audit();
      this.explorer.equip(this.invoker);
    } catch (error) {
      // Nest ends nothing when a start fails, and an open connection would keep the process alive.
      await Promise.allSettled(this.modules().map(async ({ shared }) => shared?.close()));
      throw error;
    }
  }

  /**
   * Once every other provider is ready: begins to carry out what others have written, and loads what is declared to be warm.
   *
   * @throws {StoreRefusedError} when the outbox or the feed of external writes cannot be used
   */
  async onApplicationBootstrap(): Promise<void> {
    if (this.invoker === undefined) return;
    try {
      await this.relays.start();
    } catch (error) {
      await Promise.allSettled([this.relays.close(), this.shared?.close()]);
      throw error;
    }
    await this.warmUp.begin(
      this.catalogue.methods().flatMap(({ plan: { cached: policy, declaration, host } }) => {
        const { warmUp } = policy ?? {};
        if (policy === undefined || warmUp === undefined) return [];

        return this.explorer
          .instancesOf(host)
          .map((instance) => ({ policy, warmUp, instance, method: declaration.method }));
      }),
    );
  }

  /** Early: what they are connected to may be closed next. */
  async onModuleDestroy(): Promise<void> {
    await this.relays.close();
  }

  async onApplicationShutdown(): Promise<void> {
    this.warmUp.close();
    this.scopes.close();
    await this.shared?.close();
  }

  private modules(): readonly ConsistentCacheModule[] {
    return this.discovery
      .getProviders()
      .flatMap(({ instance }: { readonly instance?: unknown }) =>
        instance instanceof ConsistentCacheModule ? [instance] : [],
      );
  }

  private audit(): void {
    if (this.modules().length > 1) throw new DuplicateModuleError();

    const methods = this.explorer.explore().map(({ declaration, host, requestScoped }) => ({
      ...this.catalogue.enter(declaration, host),
      requestScoped,
      requestParameters: requestParametersOf(declaration),
    }));
    auditDeclarations({
      methods,
      problems: this.catalogue.problemsForAudit(),
      policies: this.catalogue.policies(),
      fedFamilies: this.catalogue.fedFamilies,
    });
  }
}
