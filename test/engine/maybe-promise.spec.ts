import { expect, it } from '@jest/globals';
import { whenReady } from '../../src/engine/maybe-promise.js';

it('goes on in the same step with what is there already', () => {
  expect(whenReady(1, (value) => value + 1)).toBe(2);
});

it('goes on later with what is promised', async () => {
  expect(await whenReady(Promise.resolve(1), (value) => value + 1)).toBe(2);
});
