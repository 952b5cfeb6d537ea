import { knownId, MissingCallerError } from '../context/caller.js';
import type { CallScopes } from '../context/call-scope.js';
import type { Subjects } from '../context/subjects.js';
import { encodeKeyArguments, encodeKeyPart } from '../entry/cache-key.js';
import { NOBODY } from '../entry/subject.js';
import type { Subject } from '../entry/subject.js';
import { UnkeyableArgumentError } from '../entry/entry.errors.js';
import type { Invocation, InvocationCheck, OriginCall } from '../engine/invocation.js';
import type { ConsistentCacheError } from '../errors/consistent-cache-error.js';
import type { RefusalReason } from '../observability/cache-event.js';

/** Why a call cannot be cached. */
export interface Refusal {
  readonly refusal: RefusalReason;
  readonly error: ConsistentCacheError | undefined;
}

/** Makes an invocation of a call, or says why the call must not be cached. */
export class InvocationFactory implements InvocationCheck {
  constructor(
    private readonly scopes: CallScopes,
    private readonly subjects: Subjects,
  ) {}

  create(call: OriginCall): Invocation | Refusal {
    const { policy, args, instance, method } = call;
    const subject = policy.scope === 'shared' ? NOBODY : this.subjectOf(call, policy.scope);
    if ('refusal' in subject) return subject;

    try {
      const key =
        policy.key === undefined
          ? encodeKeyArguments(args, policy.place)
          : encodeKeyPart(policy.key(...args), policy.place);
      return { policy, key, subject, instance, args, method };
    } catch (error) {
      if (error instanceof UnkeyableArgumentError) return { refusal: 'argument-unkeyable', error };
      throw error;
    }
  }

  isUnchanged(call: Invocation): boolean {
    if (!call.args.some(isReference)) return true;
    try {
      const again = this.create(call);
      return !('refusal' in again) && again.key === call.key && again.subject.id === call.subject.id;
    } catch {
      // What identified the call a moment ago throws now, so it is not the same call.
      return false;
    }
  }

  private subjectOf({ policy, args }: OriginCall, scope: 'user' | 'tenant'): Subject | Refusal {
    const caller = this.scopes.caller();
    const own = scope === 'user' ? policy.userKey : policy.tenantKey;
    const declared = own === undefined ? undefined : knownId(own(...args));
    const ambient = knownId(caller?.[scope]);
    // A declared key that answers "nobody" is not overruled by the ambient caller: the two disagree.
    const id = own === undefined ? ambient : declared;
    if (id === undefined) return { refusal: 'caller-missing', error: new MissingCallerError(scope, policy.place) };
    if (ambient !== undefined && id !== ambient && String(id) !== String(ambient))
      return { refusal: 'caller-disagrees', error: undefined };

    if (scope === 'tenant') return this.subjects.ofTenant(id);
    const tenant = knownId(caller?.tenant);

    return tenant === undefined ? this.subjects.ofUser(id) : this.subjects.ofUserIn(tenant, id);
  }
}

function isReference(argument: unknown): boolean {
  return typeof argument === 'object' && argument !== null;
}
