import { describe, expect, it } from '@jest/globals';
import { isOriginFailure } from '../../src/policy/origin-failure.js';

describe('an error speaks of the origin', () => {
  it.each([
    ['nothing', undefined, true],
    ['an ordinary error', new Error('down'), true],
    ['a server error', { status: 500 }, true],
    ['the last client error', { status: 499 }, false],
    ['the first client error', { status: 400 }, false],
    ['a status below', { status: 399 }, true],
    ['an exception of Nest', { getStatus: () => 404, status: 500 }, false],
    ['a status that is no number', { status: '404' }, true],
    ['a getStatus that says nothing', { getStatus: () => undefined }, true],
  ])('%s', (_, error, speaks) => {
    expect(isOriginFailure(error)).toBe(speaks);
  });
});
