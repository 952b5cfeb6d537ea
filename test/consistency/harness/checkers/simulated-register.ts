import fc from 'fast-check';
import type { MadeUpRead, MadeUpWrite } from './made-up-record.js';

/** What happened in a register that keeps its promises, with the instants that no client can see. */
export interface SimulatedRegister {
  readonly writes: readonly (Required<Pick<MadeUpWrite, 'begun' | 'committed' | 'ended'>> & {
    readonly commitAt: number;
  })[];
  readonly reads: readonly MadeUpRead[];
}

const STEP = fc.integer({ min: 0, max: 4 });

/**
 * Writes take effect at an instant between their beginning and the database's answer, one after the other. A read answers with
 * what was current at an instant of its own, or up to `toleranceMs` before it.
 */
export function simulatedRegister(toleranceMs: number): fc.Arbitrary<SimulatedRegister> {
  const write = fc.record({ after: fc.integer({ min: 1, max: 6 }), early: STEP, late: STEP, told: STEP });
  const read = fc.record({
    point: fc.integer({ min: 0, max: 60 }),
    early: STEP,
    late: STEP,
    lag: fc.integer({ min: 0, max: toleranceMs }),
  });

  return fc
    .record({ writes: fc.array(write, { maxLength: 10 }), reads: fc.array(read, { maxLength: 20 }) })
    .map((drawn) => {
      let commitAt = 0;
      const writes = drawn.writes.map(({ after, early, late, told }) => {
        commitAt += after;

        return { commitAt, begun: commitAt - early, committed: commitAt + late, ended: commitAt + late + told };
      });
      const reads = drawn.reads.map(({ point, early, late, lag }) => ({
        version: writes.findLastIndex((each) => each.commitAt <= point - lag) + 1,
        begun: point - early,
        ended: point + late,
      }));

      return { writes, reads };
    });
}
