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
 * `transactional(transactions, host, 'withTransaction', () => host.isTransactionActive())` for the TransactionHost of
 * `@nestjs-cls/transactional`. Do it once, where the object is provided; a second time changes nothing, and another application of
 * the process that uses it is told as well.
 *
 * @param method the name of the method; its last function argument is the body
 * @param isOpen whether the object has a transaction open, asked where the body begins; for a method that also runs bodies in none,
 * as a TransactionHost does under some propagations. Such a body is outside of the transactions of this object. @default always
 * @returns the object
 * @throws {UnseenTransactionsError} when there is no such method, or the object has a `manager` with one of that name
 */
export function transactional<Target extends object>(
  transactions: Transactions,
  target: Target,
  method: keyof Target & string = 'transaction' as keyof Target & string,
  isOpen: () => boolean = () => true,
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
    if (!known.has(transactions)) known.set(transactions, isOpen);
    return target;
  }

  const told: Told = new Map([[transactions, isOpen]]);
  const run = (...args: unknown[]): Promise<unknown> => {
    const call = (given: unknown[]): Promise<unknown> =>
      (original as TransactionMethod).apply(target, given as never[]);
    const at = args.findLastIndex((arg) => typeof arg === 'function');
    // A list of statements, or a transaction that is ended by hand: there is nothing to stand around.
    if (at === -1) return call(args);

    let runBody: BodyRunner = (body) => call(args.with(at, body));
    for (const [each, isOpenNow] of listening(told)) runBody = telling(each, target, isOpenNow, runBody);

    return runBody(args[at] as TransactionBody);
  };
  TOLD.set(run, told);
  Object.defineProperty(target, method, { value: run, configurable: true, writable: true, enumerable: false });

  return target;
}

type TransactionBody = (...handles: readonly unknown[]) => unknown;
type BodyRunner = (body: TransactionBody) => Promise<unknown>;

/** Whom to tell, and what says that there is something to tell of. */
type Told = Map<Transactions, () => boolean>;

/** Whom the methods tell that we have put in place: several, where applications of one process share the object. */
const TOLD = new WeakMap<object, Told>();

/** An application that was closed is forgotten; the object may outlive many of them, as in tests. */
function listening(told: Told): Told {
  for (const each of told.keys()) if (each.areOver) told.delete(each);

  return told;
}

function telling(transactions: Transactions, by: object, isOpen: () => boolean, runBody: BodyRunner): BodyRunner {
  return (body) =>
    transactions.runBy(by, (inside) =>
      runBody((...handles) => {
        const work = (): Promise<unknown> => Promise.resolve(body(...handles));

        return isOpen() ? inside(work, handles[0]) : transactions.outsideOf(by, work);
      }),
    );
}
