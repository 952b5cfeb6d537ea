import { expect } from '@jest/globals';
import { FORGETTING } from '../behavioural-case.js';
import type { BehaviouralCase } from '../behavioural-case.js';

/** C. Calls and results that are left out. */
export const CONDITIONS: readonly BehaviouralCase[] = [
  {
    id: 'C1',
    title: 'neither reads nor stores while the condition is false',
    levels: FORGETTING,
    cached: { key: (sku: string) => sku, condition: (_: string, mode: string) => mode === 'cached' },
    async run({ read, figures }) {
      expect(await read('sku', 'direct')).toBe(1);
      expect(await read('sku', 'cached')).toBe(2);
      expect(await read('sku', 'direct')).toBe(3);
      expect(await read('sku', 'cached')).toBe(2);
      expect(figures()).toMatchObject({ bypass: 2, hit: 1, miss: 1 });
    },
  },
  {
    id: 'C2',
    title: 'returns and does not store what unless names',
    cached: { unless: (price: number | null, sku: string) => price === null || sku === 'draft' },
    async run({ read, origin, events }) {
      origin.answer = async () => null;
      expect([await read('sku'), await read('sku')]).toEqual([null, null]);
      expect(origin.loads).toHaveLength(2);
      expect(events()).toContainEqual(expect.objectContaining({ type: 'load-finished', notStoredBecause: 'unless' }));

      origin.answer = async () => 100;
      expect([await read('sku'), await read('sku')]).toEqual([100, 100]);
      expect(origin.loads).toHaveLength(3);

      expect([await read('draft'), await read('draft')]).toEqual([100, 100]);
      expect(origin.loads).toHaveLength(5);
    },
  },
  {
    id: 'C3',
    title: 'keeps conditions and tags out of each other’s way',
    levels: FORGETTING,
    cached: {
      key: (sku: string) => sku,
      tags: { conditional: (sku: string) => sku },
      condition: (_: string, mode: string) => mode === 'cached',
      unless: (price: number) => price === 1,
    },
    evicts: () => [{ tags: { conditional: (sku: string) => sku } }],
    async run({ read, write }) {
      expect(await read('sku', 'cached')).toBe(1);
      expect(await read('sku', 'cached')).toBe(2);
      expect(await read('sku', 'cached')).toBe(2);
      await write('sku');
      expect(await read('sku', 'direct')).toBe(3);
      expect(await read('sku', 'cached')).toBe(4);
      expect(await read('sku', 'cached')).toBe(4);
    },
  },
  {
    id: 'C4',
    title: 'lets what a condition throws reach the caller as it is',
    cached: {
      condition: () => {
        throw CONDITION_FAILED;
      },
    },
    async run({ read, origin }) {
      await expect(read('sku')).rejects.toBe(CONDITION_FAILED);
      expect(origin.loads).toHaveLength(0);
    },
  },
  {
    id: 'C4',
    title: 'lets what unless and key throw reach the caller as it is',
    cached: {
      key: (sku: string) => {
        if (sku === 'unkeyable') throw CONDITION_FAILED;
        return sku;
      },
      unless: () => {
        throw CONDITION_FAILED;
      },
    },
    async run({ read, origin }) {
      await expect(read('unkeyable')).rejects.toBe(CONDITION_FAILED);
      await expect(read('sku')).rejects.toBe(CONDITION_FAILED);
      await expect(read('sku')).rejects.toBe(CONDITION_FAILED);
      expect(origin.loads).toHaveLength(2);
    },
  },
];

const CONDITION_FAILED = new Error('the condition itself failed');
