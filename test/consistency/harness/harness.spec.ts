import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileTree, type CompiledTree, type SourceChange } from '../../../scripts/compile-tree.mjs';
import { describeWithRedis } from '../../support/describe-with-redis.js';
import { runProgram } from '../run-program.js';
import type { HarnessReport } from './report.js';

// Servers and processes start, and a busy machine takes its time over it.
jest.setTimeout(180_000);

const MAIN = 'test/consistency/harness/main.ts';

/** Serves an entry whatever its versions are, with a copy in the process and without. */
const EVERY_VERSION_IS_CURRENT: readonly SourceChange[] = [
  {
    file: 'src/engine/read-through.ts',
    find: 'this.decide(call, scope, entry, !isCurrent, sighting)',
    replace: 'this.decide(call, scope, entry, false, sighting)',
  },
  {
    file: 'src/engine/read-through.ts',
    find: 'const isOutdated = !isCurrent || scope',
    replace: 'const isOutdated = scope',
  },
];

interface Run {
  readonly code: number | null;
  readonly report: HarnessReport;
  readonly told: string;
}

async function run(tree: CompiledTree, ...args: readonly string[]): Promise<Run> {
  const { code, lastLine, told } = await runProgram(tree.pathOf(MAIN), args);
  if (lastLine === '') throw new Error(`The harness said nothing and ended with ${String(code)}: ${told}`);

  return { code, report: JSON.parse(lastLine) as HarnessReport, told };
}

describeWithRedis('The fault harness', () => {
  let ofCi: Run;
  let tree: CompiledTree;
  beforeAll(async () => {
    tree = await compileTree('tests');
    ofCi = await run(tree, '--share', 'ci');
  });
  afterAll(() => {
    tree.remove();
  });

  it('finds no promise broken, and no instance that has ended by itself', () => {
    const { report, told, code } = ofCi;
    const broken = report.faults.flatMap(({ fault, levels, crashes }) => [
      ...crashes,
      ...levels.flatMap(({ level, violations }) => violations.map((violation) => `${fault}, ${level}: ${violation}`)),
    ]);

    expect(broken).toEqual([]);
    expect({ code, told }).toEqual({ code: 0, told: expect.not.stringContaining('broken') });
  });

  it('has read and written through every cache under every fault, and mostly from the cache', () => {
    const quiet = ofCi.report.faults.flatMap(({ fault, levels }) =>
      levels.filter(({ reads, writes }) => reads < 50 || writes < 5).map(({ level }) => `${fault}, ${level}`),
    );
    const strong = ofCi.report.faults.flatMap(({ levels }) => levels.filter(({ level }) => level === 'strong'));

    expect(quiet).toEqual([]);
    expect(ofCi.report.faults.every(({ levels }) => levels.length === 8)).toBe(true);
    expect(strong.filter(({ hits, reads }) => hits < reads / 3)).toEqual([]);
  });

  it('answers every read, whatever happens', () => {
    const failed = ofCi.report.faults.flatMap(({ fault, levels }) =>
      levels.filter(({ failedReads }) => failedReads > 0).map(({ level }) => `${fault}, ${level}`),
    );

    expect(failed).toEqual([]);
  });

  it('sees a library that forgot to look at the versions', async () => {
    const mutant = await compileTree('tests', EVERY_VERSION_IS_CURRENT);
    const histories = mkdtempSync(join(tmpdir(), 'planted-'));
    try {
      const args = ['--only', 'calm', '--seconds-per-fault', '2', '--keep', histories];
      const { code, report, told } = await run(mutant, ...args);
      const [calm] = report.faults;
      const accused = calm?.levels.filter(({ violationCount }) => violationCount > 0).map(({ level }) => level);

      expect(code).toBe(1);
      expect(accused).toEqual(expect.arrayContaining(['strong', 'user']));
      expect(told).toContain('The history of ');
      expect(readdirSync(histories)).not.toEqual([]);
    } finally {
      rmSync(histories, { recursive: true });
      mutant.remove();
    }
  });
});
