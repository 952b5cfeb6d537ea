import { describe, expect, it } from '@jest/globals';
import { supportOf } from '../../src/consistency/level-support.js';
import type { StoreCapabilities } from '../../src/coordination/capabilities.js';

const MEMORY = { describedAs: "this process's memory", sharedVersions: false, intents: false, tickets: false };
const SHARED: StoreCapabilities = { ...MEMORY, describedAs: 'a shared store', sharedVersions: true };

describe('a level on a store', () => {
  it.each(['bounded', 'eventual', 'immutable'] as const)('%s holds anywhere', (level) => {
    expect(supportOf(level, MEMORY, 'multi-process')).toEqual({ supported: true });
  });

  it('strong holds where one process is alone, or all see the versions', () => {
    expect(supportOf('strong', MEMORY, 'single-process').supported).toBe(true);
    expect(supportOf('strong', SHARED, 'multi-process').supported).toBe(true);
  });

  it('strong in the memory of one of many processes says what would do', () => {
    expect(supportOf('strong', MEMORY, 'multi-process')).toEqual({
      supported: false,
      missing: expect.stringContaining('versions that every process sees') as unknown,
      fix: expect.stringMatching(/single-process.*bounded/) as unknown,
    });
  });

  it.each([
    ['linearizable', 'intents', "consistency: 'strong'"],
    ['session', 'session tickets', "consistency: 'bounded'"],
  ] as const)('%s is not available yet, whatever the topology', (level, missing, nearest) => {
    for (const topology of ['single-process', 'multi-process'] as const) {
      expect(supportOf(level, SHARED, topology)).toMatchObject({
        supported: false,
        missing: expect.stringContaining(missing) as unknown,
        fix: expect.stringContaining(nearest) as unknown,
      });
    }
  });

  it('a level without a rule is not served by a store that could', () => {
    const able = { ...SHARED, intents: true, tickets: true };

    expect(supportOf('linearizable', able, 'multi-process').supported).toBe(false);
  });
});
