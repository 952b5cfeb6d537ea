import { describe, expect, it } from '@jest/globals';
import { supportOf } from '../../src/consistency/level-support.js';
import type { Capability, StoreCapabilities } from '../../src/coordination/capabilities.js';
import { IN_PROCESS_CAPABILITIES } from '../../src/coordination/in-process/in-process-version-store.js';

const ALL: readonly Capability[] = ['sharedVersions', 'knownEpoch', 'intents', 'tickets'];

function storeWith(...has: readonly Capability[]): StoreCapabilities {
  return { describedAs: 'a store', has: new Set(has), missingBecause: {} };
}

function storeWithout(...missing: readonly Capability[]): StoreCapabilities {
  return storeWith(...ALL.filter((capability) => !missing.includes(capability)));
}

describe('a level on a store', () => {
  it.each(['bounded', 'eventual', 'immutable'] as const)('%s holds anywhere', (level) => {
    expect(supportOf(level, storeWith(), 'multi-process')).toEqual({ supported: true });
  });

  it.each([
    ['strong', 'sharedVersions', 'bounded'],
    ['strong', 'knownEpoch', 'bounded'],
    ['session', 'sharedVersions', 'bounded'],
    ['session', 'knownEpoch', 'bounded'],
    ['session', 'tickets', 'bounded'],
    ['linearizable', 'intents', 'strong'],
    ['linearizable', 'knownEpoch', 'bounded'],
    ['linearizable', 'sharedVersions', 'bounded'],
  ] as const)('%s is refused without %s, and %s is offered', (level, missing, nearest) => {
    expect(supportOf(level, storeWith(...ALL), 'multi-process')).toEqual({ supported: true });
    expect(supportOf(level, storeWithout(missing), 'multi-process')).toMatchObject({
      supported: false,
      fix: expect.stringContaining(`consistency: '${nearest}'`) as unknown,
    });
  });

  it.each(['strong', 'session', 'linearizable'] as const)(
    '%s holds in the memory of a process that is the only one, and is refused where it is one of many',
    (level) => {
      expect(supportOf(level, IN_PROCESS_CAPABILITIES, 'single-process')).toEqual({ supported: true });
      expect(supportOf(level, IN_PROCESS_CAPABILITIES, 'multi-process')).toEqual({
        supported: false,
        missing: `${level} needs versions that every process sees, and the versions are kept in this process's memory`,
        fix: expect.stringMatching(/sharedStore.*single-process.*bounded/) as unknown,
      });
    },
  );

  it('says why the store lacks what is missing', () => {
    const store = { ...storeWithout('intents'), missingBecause: { intents: 'maxmemory-policy is allkeys-lru' } };

    expect(supportOf('linearizable', store, 'multi-process')).toMatchObject({
      missing: expect.stringContaining('(maxmemory-policy is allkeys-lru)') as unknown,
      fix: "Mend the store, or declare consistency: 'strong', the nearest level that this store can keep",
    });
  });
});
