import { describe, expect, it } from '@jest/globals';
import { slotOf } from '../../../src/coordination/redis/key-slot.js';

describe('the slot of a key', () => {
  it.each([
    ['123456789', 0x31c3],
    ['', 0],
    ['foo', 12_182],
    ['{user1000}.following', slotOf('user1000')],
    ['foo{}{bar}', slotOf('foo{}{bar}')],
    ['foo{{bar}}zap', slotOf('{bar')],
    ['foo{bar}{zap}', slotOf('bar')],
    ['foo{bar', slotOf('foo{bar')],
  ])('of %p is %d', (key, slot) => {
    expect(slotOf(key)).toBe(slot);
  });

  it('is that of the whole key when the first braces are empty', () => {
    expect(slotOf('foo{}{bar}')).not.toBe(slotOf('bar'));
    expect(slotOf('foo{}{bar}')).not.toBe(slotOf(''));
  });
});
