import type { CallScopes } from './call-scope.js';
import { knownId } from './caller.js';
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
    const caller = this.scopes.caller();
    this.scopes.current().trace?.markIdentityRead(knownId(caller?.user) !== undefined);

    return caller;
  }

  /**
   * The caller's tenant alone. Harmless to a load whose entry belongs to that tenant or one of its users; a shared one is
   * marked as by {@link current}.
   */
  tenant(): Caller['tenant'] {
    const tenant = this.scopes.caller()?.tenant;
    this.scopes.current().trace?.markTenantRead(knownId(tenant) !== undefined);

    return tenant;
  }

  /** Runs `work` on behalf of a caller: a job, a message, a test. */
  runAs<T>(caller: Caller, work: () => T): T {
    return this.scopes.within({ caller: () => caller }, work);
  }
}
