import { ConsistentCacheError } from '../errors/consistent-cache-error.js';
import type { Transactions } from './transactions.js';

/** What `transactional` was given runs no transactions by that method, or is not the only one through which they go. */
export class UnseenTransactionsError extends ConsistentCacheError {
  constructor(method: string, what: string, fix: string) {
    super({ code: 'OPTIONS_INVALID', what, where: `transactional, method '${method}'`, fix });
  }
}

/** A method that takes the body of a transaction as a function, and runs it in one. */
type TransactionMethod = (...args: never[]) => Promise<unknown>;

/**
 * Lets caches know of the transactions that an object runs: it keeps its identity, and one of its methods is replaced.
 *
 * For everything that runs transactions by taking their body as a function: `transactional(transactions, db)` for drizzle,
 * `transactional(transactions, source.manager)` for TypeORM, through whose manager a DataSource and its repositories go, and
 * `transactional(transactions, host, 'withTransaction')` for the TransactionHost of `@nestjs-cls/transactional`. Do it once, where
 * the object is provided; a second time changes nothing, and another application of the process that uses it is told as well.
 *
 * @param method the name of the method; its last function argument is the body
 * @returns the object
 * @throws {UnseenTransactionsError} when there is no such method, or the object has a `manager` with one of that name
 */
export function transactional<Target extends object>(
  transactions: Transactions,
  target: Target,
  method: keyof Target & string = 'transaction' as keyof Target & string,
): Target {
  const original: unknown = target[method];
  if (typeof original !== 'function') {
    throw new UnseenTransactionsError(
      method,
      'There is no method of this name that could run transactions',
      'Pass the object that begins them, and as third argument the name of its method if that is not transaction',
    );
  }
  // As TypeORM's DataSource: it only calls its manager, which repositories and injected managers call without it.
  const { manager } = target as { readonly manager?: Readonly<Record<string, unknown>> | null };
  if (typeof manager?.[method] === 'function') {
    throw new UnseenTransactionsError(
      method,
      'Its manager runs transactions too, and those would not be seen',
      'Pass the manager, through which both go: for TypeORM transactional(transactions, source.manager)',
    );
  }
  const known = TOLD.get(original);
  if (known !== undefined) {
    known.add(transactions);
    return target;
  }

  const told = new Set([transactions]);
  const run = (...args: unknown[]): Promise<unknown> => {
    const call = (given: unknown[]): Promise<unknown> =>
      (original as TransactionMethod).apply(target, given as never[]);
    const at = args.findLastIndex((arg) => typeof arg === 'function');
    // A list of statements, or a transaction that is ended by hand: there is nothing to stand around.
    if (at === -1) return call(args);

    let runBody: BodyRunner = (body) => call(args.with(at, body));
    for (const each of listening(told)) runBody = telling(each, runBody);

    return runBody(args[at] as TransactionBody);
  };
  TOLD.set(run, told);
  Object.defineProperty(target, method, { value: run, configurable: true, writable: true, enumerable: false });

  return target;
}

type TransactionBody = (...handles: readonly unknown[]) => unknown;
type BodyRunner = (body: TransactionBody) => Promise<unknown>;

/** Whom the methods tell that we have put in place: several, where applications of one process share the object. */
const TOLD = new WeakMap<object, Set<Transactions>>();

/** An application that was closed is forgotten; the object may outlive many of them, as in tests. */
function listening(told: Set<Transactions>): ReadonlySet<Transactions> {
  for (const each of told) if (each.areOver) told.delete(each);

  return told;
}

function telling(transactions: Transactions, runBody: BodyRunner): BodyRunner {
  return (body) =>
    transactions.run((inside) => runBody((...handles) => inside(() => Promise.resolve(body(...handles)), handles[0])));
}
