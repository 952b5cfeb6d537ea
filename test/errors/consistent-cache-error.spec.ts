import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { ConsistentCacheError } from '../../src/errors/consistent-cache-error.js';
import type { Fault } from '../../src/errors/consistent-cache-error.js';
import { ERROR_CODES } from '../../src/errors/error-codes.js';

class SampleError extends ConsistentCacheError {
  constructor(fault: Partial<Fault> = {}) {
    super({ code: 'OPTIONS_INVALID', what: 'Something is wrong', fix: 'Mend it', ...fault });
  }
}

describe('an error', () => {
  it('says what happened, where, and how to fix it', () => {
    const error = new SampleError({ where: '@Cacheable on Pricing.of' });

    expect(error.message).toBe('[OPTIONS_INVALID] Something is wrong (@Cacheable on Pricing.of). Mend it.');
    expect(error).toMatchObject({
      name: 'SampleError',
      code: 'OPTIONS_INVALID',
      what: 'Something is wrong',
      where: '@Cacheable on Pricing.of',
      fix: 'Mend it',
    });
  });

  it('leaves out the place where there is none', () => {
    expect(new SampleError().message).toBe('[OPTIONS_INVALID] Something is wrong. Mend it.');
  });

  it('carries its cause only when there is one', () => {
    const cause = new Error('down');

    expect(new SampleError({ cause }).cause).toBe(cause);
    expect('cause' in new SampleError()).toBe(false);
  });

  it('is printed once', () => {
    expect(inspect(new SampleError()).match(/Something is wrong/g)).toHaveLength(1);
  });
});

it('the codes are a closed list in order, each once', () => {
  expect(ERROR_CODES).toEqual([...new Set(ERROR_CODES)].sort());
});
