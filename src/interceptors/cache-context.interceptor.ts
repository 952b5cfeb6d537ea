import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Observable, tap } from 'rxjs';
import type { CacheCatalogue } from '../catalogue/cache-catalogue.js';
import type { Caller } from '../context/caller.js';
import type { CallScope, CallScopes } from '../context/call-scope.js';
import { ReadLog } from '../context/read-log.js';
import { declarationsOf } from '../decorators/declaration-metadata.js';
import { cacheHeadersOf } from '../http/cache-headers.js';
import { writeCacheHeaders } from '../http/http-exchange.js';
import { tighten } from '../policy/demand.js';

/** How the application tells who is calling. */
export interface IdentityOptions {
  /** From a request, message or query, after its guards have run. Asked at most once each, and only when needed. */
  readonly fromContext?: (context: ExecutionContext) => Caller | undefined;
  /** Where there is no request, or it does not say: an AsyncLocalStorage of the application, nestjs-cls, a job's payload. */
  readonly ambient?: () => Caller | undefined;
}

/**
 * Opens the scope of a request, message or query: who is calling, what its handler demands, and what its response is
 * made of.
 */
export class CacheContextInterceptor implements NestInterceptor {
  constructor(
    private readonly scopes: CallScopes,
    private readonly catalogue: CacheCatalogue,
    private readonly identity: IdentityOptions,
    private readonly writesHeaders: boolean,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reads = this.writesHeaders && context.getType() === 'http' ? new ReadLog() : undefined;
    const scope: Partial<CallScope> = {
      caller: this.callerOf(context),
      demand: tighten(this.scopes.current().demand, { maxStalenessMs: this.handlerTolerance(context), strong: false }),
      reads,
    };
    const answered = new Observable((subscriber) =>
      this.scopes.within(scope, () => next.handle().subscribe(subscriber)),
    );
    if (reads === undefined) return answered;

    const write = (): void => {
      writeCacheHeaders(context.switchToHttp().getResponse(), cacheHeadersOf(reads.reads));
    };
    return answered.pipe(tap({ next: write, complete: write, error: write }));
  }

  /** The handler's own trampoline tightens as well, but its pipes run before it. */
  private handlerTolerance(context: ExecutionContext): number {
    const host = context.getClass();
    const handler = context.getHandler().name;
    const declaration = declarationsOf(host.prototype as object).find(({ methodName }) => methodName === handler);

    return declaration === undefined ? Infinity : (this.catalogue.planOf(declaration, host).tightensToMs ?? Infinity);
  }

  private callerOf(context: ExecutionContext): () => Caller | undefined {
    let caller: { readonly known: Caller | undefined } | undefined;

    return () => (caller ??= { known: this.identity.fromContext?.(context) ?? this.identity.ambient?.() }).known;
  }
}
