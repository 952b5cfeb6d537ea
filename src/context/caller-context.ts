import type { CallScopes } from './call-scope.js';
import type { Caller } from './caller.js';

/** Who is calling, for the application's own code. */
export class CallerContext {
  constructor(private readonly scopes: CallScopes) {}

  /**
   * Who is calling, as the module's identity says.
   *
   * Reading it while a cached method loads marks the load: the result may be this caller's own, so it is not stored for
   * anybody else.
   */
  current(): Caller | undefined {
    this.scopes.current().trace?.markIdentityRead();

    return this.scopes.caller();
  }

  /**
   * The caller's tenant alone. Harmless to a load whose entry belongs to that tenant or one of its users; a shared one is
   * marked as by {@link current}.
   */
  tenant(): Caller['tenant'] {
    this.scopes.current().trace?.markTenantRead();

    return this.scopes.caller()?.tenant;
  }

  /** Runs `work` on behalf of a caller: a job, a message, a test. */
  runAs<T>(caller: Caller, work: () => T): T {
    return this.scopes.within({ caller: () => caller }, work);
  }
}
