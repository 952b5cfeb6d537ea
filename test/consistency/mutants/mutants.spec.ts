import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { compileTree } from '../../../scripts/compile-tree.mjs';
import { ALL_CASES } from '../schedules/all-plays.js';
import { MUTANTS } from './mutants.js';
import { runMutant } from './run-mutants.js';

/** A machine may be busy; alone, each takes a second. */
const PATIENCE_MS = 60_000;

describe.each(MUTANTS)('the mutant $name', ({ changes, killedBy, play }) => {
  it('changes what stands in the sources exactly once', () => {
    for (const { file, find, replace } of changes) {
      expect({ find, times: readFileSync(file, 'utf8').split(find).length - 1 }).toEqual({ find, times: 1 });
      expect(replace).not.toBe(find);
    }
  });

  it('names a play that there is', () => {
    const isThere = ALL_CASES.some(({ id }) => `${id}/`.startsWith(`${play ?? ''}/`));

    expect(isThere).toBe(killedBy === 'schedules');
  });
});

it('every mutant has a name of its own', () => {
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
});

/** Those that show in memory, in few orders; the program tries all. */
const QUICK = MUTANTS.filter(({ play }) => play?.endsWith('/in-memory') === true);

it.each(QUICK)(
  'the schedules find out that this is not kept: $guard ($name)',
  async (mutant) => {
    const { killed, how } = await runMutant(mutant, compileTree);

    expect({ killed, how }).toEqual({ killed: true, how: expect.stringMatching(/: .*; after /) });
  },
  PATIENCE_MS,
);
