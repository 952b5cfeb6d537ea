import type { Observable } from 'rxjs';

/** A method whose caller waits: only such a method can be looked up, shared and evicted without changing its type. */
export type AsyncMethod = (...args: never[]) => Promise<unknown> | Observable<unknown>;

/** What a policy's functions see of a method's answer: the promised value, or the list of what an Observable emits. */
export type ResultOf<M extends AsyncMethod> =
  ReturnType<M> extends Observable<infer Each> ? readonly Each[] : Awaited<ReturnType<M>>;

/**
 * Nothing where the policy fits the method; otherwise the options that do not, as they would have to be, so that the
 * compiler's message names them: `policyThatFitsThisMethod: { tags: { product: (sku: string) => TagValues } }`.
 */
export type Fits<Policy, Wanted> = Policy extends Wanted
  ? unknown
  : { readonly policyThatFitsThisMethod: Misfits<Policy, Wanted> };

/** The options of a policy that do not fit, looking into families. */
type Misfits<Policy, Wanted> = {
  readonly [
    Option in keyof Policy & keyof Wanted as Policy[Option] extends Wanted[Option] ? never : Option
  ]: Policy[Option] extends Readonly<Record<string, AnyFunction>>
    ? Misfits<Policy[Option], NonNullable<Wanted[Option]>>
    : NonNullable<Wanted[Option]>;
};

type AnyFunction = (...args: never[]) => unknown;
