import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { madeUp, type MadeUpRead, type MadeUpWrite } from './made-up-record.js';
import { simulatedRegister } from './simulated-register.js';
import { missedAcknowledged } from './strong.js';

const WRITES: readonly MadeUpWrite[] = [
  { begun: 10, committed: 15, ended: 20 },
  { begun: 30, committed: 35, ended: 40 },
];
const faultsOf = (reads: readonly MadeUpRead[], writes = WRITES) =>
  missedAcknowledged(madeUp(writes, reads)).map(({ fault }) => fault);

describe('A read under strong', () => {
  it('may miss a write until its writer has been told, and no longer', () => {
    expect(faultsOf([{ version: 0, begun: 20, ended: 21 }])).toEqual([]);
    expect(faultsOf([{ version: 0, begun: 20.1, ended: 21 }])).toEqual(['missed-acknowledged']);
  });

  it('may go back while a write is under way', () => {
    expect(
      faultsOf([
        { version: 2, begun: 31, ended: 32 },
        { version: 1, begun: 33, ended: 34 },
      ]),
    ).toEqual([]);
  });

  it('may miss a write for ever whose writer was told nothing, or that its eviction is not confirmed', () => {
    const late = { version: 1, begun: 900, ended: 901 };
    const [first] = WRITES as [MadeUpWrite];

    expect(faultsOf([late], [first, { begun: 30, committed: 35 }])).toEqual([]);
    expect(faultsOf([late], [first, { begun: 30, committed: 35, ended: 40, outcome: 'unconfirmed' }])).toEqual([]);
  });

  it('does not see what nobody had begun to write', () => {
    expect(faultsOf([{ version: 2, begun: 20, ended: 29.9 }])).toEqual(['from-nowhere']);
  });

  it('is accepted whatever a correct register does', () => {
    fc.assert(
      fc.property(simulatedRegister(0), ({ writes, reads }) => {
        expect(missedAcknowledged(madeUp(writes, reads))).toEqual([]);
      }),
    );
  });

  it('is accused wherever a stale one is planted, and nobody else is', () => {
    fc.assert(
      fc.property(simulatedRegister(0), fc.nat(), fc.integer({ min: 1, max: 9 }), ({ writes, reads }, nth, afterMs) => {
        const missed = writes[nth % Math.max(1, writes.length)];
        fc.pre(missed !== undefined);
        const begun = missed.ended + afterMs;
        const planted = { version: writes.indexOf(missed), begun, ended: begun + 1, by: 'planted' };

        const accused = missedAcknowledged(madeUp(writes, [...reads, planted]));
        expect(accused.map(({ story }) => story)).toEqual([expect.stringContaining('planted')]);
      }),
    );
  });
});
