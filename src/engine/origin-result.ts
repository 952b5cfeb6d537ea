import { isObservable, lastValueFrom, toArray } from 'rxjs';
import { ConsistentCacheError } from '../errors/consistent-cache-error.js';

/** A method answered with an Observable where nothing had announced one, so its callers would get a Promise instead. */
export class UndeclaredObservableError extends ConsistentCacheError {
  constructor(place: string) {
    super({
      code: 'RESULT_NOT_ASYNC',
      what: 'The method returned an Observable, but neither its declared return type nor the policy says so',
      where: place,
      fix: "Annotate the method's return type as Observable<…>, or declare returns: 'observable'",
    });
  }
}

/**
 * Waits for what a method answers: the value of a promise, or the list of everything that an Observable emits.
 *
 * An Observable is stored, and replayed, as that list; one that never completes never becomes an entry.
 */
export function settle(result: unknown, returns: 'promise' | 'observable', place: string): unknown {
  if (!isObservable(result)) return result;
  if (returns === 'promise') throw new UndeclaredObservableError(place);

  return lastValueFrom(result.pipe(toArray()));
}
