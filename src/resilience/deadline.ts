import { ConsistentCacheError } from '../errors/consistent-cache-error.js';

/** The store failed, or did not answer in time. A read goes to its origin then; it is never mistaken for the origin's error. */
export class StoreUnavailableError extends ConsistentCacheError {
  constructor(operation: string, what: string, cause?: unknown) {
    super({
      code: 'STORE_UNAVAILABLE',
      what: `The store ${what}`,
      where: operation,
      fix: 'Check that the store is reachable and healthy; until then reads go to their origins',
      cause,
    });
  }
}

/**
 * Waits for a store's answer, but no longer than `deadlineMs`.
 *
 * A late answer is dropped, and a late failure is not an unhandled rejection.
 *
 * @throws {StoreUnavailableError} when the deadline passes or the store rejects
 */
export async function withDeadline<T>(operation: string, deadlineMs: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new StoreUnavailableError(operation, `did not answer within ${deadlineMs} ms`));
    }, deadlineMs);
  });
  try {
    return await Promise.race([answer, late]);
  } catch (error) {
    throw error instanceof StoreUnavailableError ? error : new StoreUnavailableError(operation, 'failed', error);
  } finally {
    clearTimeout(timer);
  }
}
