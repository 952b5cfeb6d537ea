import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, of, throwError } from 'rxjs';
import { settle, UndeclaredObservableError } from '../../src/engine/origin-result.js';

describe('what a method answers', () => {
  it('is the value of its promise', async () => {
    expect(await settle(Promise.resolve(1), 'promise', 'here')).toBe(1);
  });

  it('is the list of what its Observable emits', async () => {
    expect(await settle(of(1, 2), 'observable', 'here')).toEqual([1, 2]);
    expect(await settle(EMPTY, 'observable', 'here')).toEqual([]);
  });

  it('is the error of its Observable', async () => {
    const own = new Error('own');

    await expect(
      settle(
        throwError(() => own),
        'observable',
        'here',
      ),
    ).rejects.toBe(own);
  });

  it('is an error when nobody announced the Observable', () => {
    expect(() => settle(NEVER, 'promise', 'here')).toThrow(UndeclaredObservableError);
  });
});
