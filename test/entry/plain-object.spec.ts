import { expect, it } from '@jest/globals';
import { plainObjectOf } from '../../src/entry/plain-object.js';

it.each([0, 1, 64, 65])('is as plain as a literal, made for %d properties', (count) => {
  const made = plainObjectOf(count);
  made.a = 1;

  expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
  expect(made.constructor).toBe(Object);
  expect(made).toStrictEqual({ a: 1 });
});

it('leaves the prototype of all objects as it is', () => {
  const before = Reflect.ownKeys(Object.prototype);
  plainObjectOf(3);

  expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
  expect(Object.prototype.constructor).toBe(Object);
});
