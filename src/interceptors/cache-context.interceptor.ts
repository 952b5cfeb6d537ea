import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Observable, tap } from 'rxjs';
import type { CacheCatalogue } from '../catalogue/cache-catalogue.js';
import type { Caller } from '../context/caller.js';
import type { CallScope, CallScopes } from '../context/call-scope.js';
import { CallerSession } from '../context/caller-session.js';
import type { TicketIssue } from '../context/caller-session.js';
import { ReadLog } from '../context/read-log.js';
import { declarationsOf } from '../decorators/declaration-metadata.js';
import { cacheHeadersOf } from '../http/cache-headers.js';
import { writeCacheHeaders } from '../http/http-exchange.js';
import type { TicketCarrier } from '../http/ticket-carrier.js';
import type { WatchedIdentity } from '../context/watched-identity.js';
import { tighten } from '../policy/demand.js';

/** How the application tells who is calling. */
export interface IdentityOptions {
  /** From a request, message or query, after its guards have run. Asked at most once each, and only when needed. */
  readonly fromContext?: (context: ExecutionContext) => Caller | undefined;
  /** Where there is no request, or it does not say: an AsyncLocalStorage of the application, nestjs-cls, a job's payload. */
  readonly ambient?: () => Caller | undefined;
  /**
   * What else of the application tells who is calling: an AsyncLocalStorage, the ClsService of nestjs-cls. A load that asks it is
   * marked, as one that asks {@link CallerContext} is, and its result is stored for nobody but that caller.
   */
  readonly watched?: readonly WatchedIdentity[];
  /**
   * Whether a load that looked at the caller, and was to be stored for others, is an error for its callers. `false`: it answers,
   * is not stored, and is told as a security event.
   *
   * @default false
   */
  readonly strict?: boolean;
}

/** How sessions travel over HTTP. */
export interface SessionTransport {
  readonly issue: TicketIssue;
  readonly carrier: TicketCarrier;
}

/** The session of a request, and the way of its ticket into the response. */
interface TravellingSession {
  readonly session: CallerSession;
  send(): void;
}

/**
 * Opens the scope of a request, message or query: who is calling, what it wrote and saw before, what its handler demands,
 * and what its response is made of.
 */
export class CacheContextInterceptor implements NestInterceptor {
  /** By request: the resolvers of one GraphQL query have one session. */
  private readonly sessions = new WeakMap<object, CallerSession>();

  /** @param transport undefined where no level needs sessions */
  constructor(
    private readonly scopes: CallScopes,
    private readonly catalogue: CacheCatalogue,
    private readonly identity: IdentityOptions,
    private readonly writesHeaders: boolean,
    private readonly transport?: SessionTransport,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reads = this.writesHeaders && context.getType() === 'http' ? new ReadLog() : undefined;
    const travelling = this.transport === undefined ? undefined : this.sessionOf(context, this.transport);
    const outer = this.scopes.current();
    const scope: Partial<CallScope> = {
      caller: this.callerOf(context),
      demand: tighten(outer.demand, { maxStalenessMs: this.handlerTolerance(context), guarantee: 'any' }),
      reads,
      session: travelling?.session ?? outer.session,
    };
    const answered = new Observable((subscriber) =>
      this.scopes.within(scope, () => next.handle().subscribe(subscriber)),
    );
    if (reads === undefined && travelling === undefined) return answered;

    // A write may have happened before the handler failed, so an error takes the ticket along as well.
    const write = (): void => {
      if (reads !== undefined) {
        writeCacheHeaders(context.switchToHttp().getResponse(), cacheHeadersOf(reads.reads));
      }
      travelling?.send();
    };
    return answered.pipe(tap({ next: write, complete: write, error: write }));
  }

  private sessionOf(context: ExecutionContext, { issue, carrier }: SessionTransport): TravellingSession | undefined {
    const { request, response } = exchangeOf(context);
    if (typeof request !== 'object' || request === null) return undefined;

    const session = this.sessions.get(request) ?? new CallerSession(issue, () => carrier.read(request));
    this.sessions.set(request, session);

    return {
      session,
      send: () => {
        if (session.news !== undefined) carrier.write(response, session.news);
      },
    };
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

/** The request and response behind a call; undefined where there is no HTTP. */
function exchangeOf(context: ExecutionContext): { readonly request?: unknown; readonly response?: unknown } {
  switch (context.getType<'http' | 'graphql' | 'rpc' | 'ws'>()) {
    case 'http': {
      const http = context.switchToHttp();
      return { request: http.getRequest(), response: http.getResponse() };
    }
    case 'graphql': {
      // A resolver's third argument is the query's context, in which the HTTP drivers put both.
      const query = context.getArgByIndex<{ readonly req?: unknown; readonly res?: unknown } | undefined>(2);
      return { request: query?.req, response: query?.res };
    }
    default:
      return {};
  }
}
