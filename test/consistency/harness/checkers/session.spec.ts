import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { madeUp, type MadeUpRead, type MadeUpWrite } from './made-up-record.js';
import { simulatedRegister } from './simulated-register.js';
import { wentBack } from './session.js';

const WRITES: readonly MadeUpWrite[] = [
  { begun: 10, ended: 20, session: 'a' },
  { begun: 30, ended: 40, session: 'b' },
];
const faultsOf = (reads: readonly MadeUpRead[], writes = WRITES) =>
  wentBack(madeUp(writes, reads)).map(({ fault }) => fault);

describe('A read of a session', () => {
  it('sees what the session has written, wherever it is answered', () => {
    expect(faultsOf([{ version: 0, begun: 20.1, ended: 22, session: 'a', by: 'elsewhere' }])).toEqual(['went-back']);
    expect(faultsOf([{ version: 1, begun: 20.1, ended: 22, session: 'a' }])).toEqual([]);
  });

  it('need not see what other sessions have written', () => {
    expect(faultsOf([{ version: 1, begun: 100, ended: 101, session: 'a' }])).toEqual([]);
  });

  it('never sees less than an earlier one, and may see anything beside one that overlaps it', () => {
    const seen = { version: 2, begun: 50, ended: 60, session: 'a' };

    expect(faultsOf([seen, { version: 1, begun: 60.1, ended: 70, session: 'a' }])).toEqual(['went-back']);
    expect(faultsOf([seen, { version: 1, begun: 55, ended: 70, session: 'a' }])).toEqual([]);
    expect(faultsOf([seen, { version: 1, begun: 60.1, ended: 70, session: 'c' }])).toEqual([]);
  });

  it('counts a write that its caller was told is not confirmed, and none whose answer never came', () => {
    const read = { version: 0, begun: 50, ended: 51, session: 'a' };

    expect(faultsOf([read], [{ begun: 10, ended: 20, session: 'a', outcome: 'unconfirmed' }])).toEqual(['went-back']);
    expect(faultsOf([read], [{ begun: 10, session: 'a' }])).toEqual([]);
  });

  it('is accepted whatever a correct register does', () => {
    fc.assert(
      fc.property(simulatedRegister(0), ({ writes, reads }) => {
        expect(wentBack(madeUp(inOneSession(writes), inOneSession(reads)))).toEqual([]);
      }),
    );
  });

  it('is accused wherever it goes back', () => {
    fc.assert(
      fc.property(simulatedRegister(0), fc.nat(), ({ writes, reads }, nth) => {
        const seen = reads.filter(({ version }) => version > 0);
        const before = seen[nth % Math.max(1, seen.length)];
        fc.pre(before !== undefined);
        const planted = { version: before.version - 1, begun: before.ended + 1, ended: 100, by: 'planted' };

        const accused = wentBack(madeUp(writes, inOneSession([...reads, planted])));
        expect(accused.map(({ story }) => story)).toContainEqual(expect.stringContaining('planted'));
      }),
    );
  });
});

function inOneSession<Operation extends object>(operations: readonly Operation[]) {
  return operations.map((operation) => ({ ...operation, session: 'a' }));
}
