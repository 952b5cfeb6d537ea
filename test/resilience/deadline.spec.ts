import { describe, expect, it } from '@jest/globals';
import { StoreUnavailableError, withDeadline } from '../../src/resilience/deadline.js';
import { Deferred } from '../support/deferred.js';

describe('an answer with a deadline', () => {
  it('is passed on when it comes in time', async () => {
    expect(await withDeadline('read', 1_000, Promise.resolve(1))).toBe(1);
  });

  it('that fails says that the store failed, and why', async () => {
    const cause = new Error('down');

    await expect(withDeadline('read of an entry', 1_000, Promise.reject(cause))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      where: 'read of an entry',
      cause,
    });
  });

  it('that does not come is given up, and harms nobody when it fails later', async () => {
    const late = new Deferred();

    await expect(withDeadline('read', 1, late.promise)).rejects.toThrow('did not answer within 1 ms');
    late.reject(new Error('much later'));
    await expect(late.promise).rejects.toThrow('much later');
  });

  it('leaves an error that says so already as it is', async () => {
    const known = new StoreUnavailableError('write', 'is read-only');

    await expect(withDeadline('write', 1_000, Promise.reject(known))).rejects.toBe(known);
  });
});
