import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ms, type RegisterRecord } from './history/register-record.js';
import type { ActResult } from './run-act.js';

/** Registers of one act whose history is kept; a planted fault breaks promises everywhere. */
const MOST = 5;

/** Keeps the merged history of registers whose promise was broken, and says where. */
export function keepViolations({ verdicts, records }: ActResult, fault: string, keep: string | undefined): void {
  const accusations = verdicts.flatMap((verdict) => verdict.accusations);
  const accused = [...new Set(accusations.map(({ register }) => register))].slice(0, MOST);
  if (accused.length === 0) return;

  const folder = keep ?? mkdtempSync(join(tmpdir(), 'violations-'));
  mkdirSync(folder, { recursive: true });
  for (const register of accused) {
    const record = records.get(register);
    if (record === undefined) continue;
    const stories = accusations
      .filter((each) => each.register === register)
      .map(({ fault: kind, story }) => `# ${kind}: ${story}`);
    const path = join(folder, `${fault}-${register.replaceAll('/', '-')}.txt`);
    writeFileSync(path, `${[...stories, ...linesOf(record)].join('\n')}\n`);
    process.stderr.write(`A promise was broken. The history of ${register}: ${path}\n`);
  }
}

/** By beginning, in ms of the machine's clock. */
function linesOf({ commits, uncommitted, reads }: RegisterRecord): readonly string[] {
  const session = (of: string | undefined) => (of === undefined ? '' : ` session ${of}`);
  const lines = [
    ...commits.map((write) => ({
      atNs: write.begunNs,
      line: `[${ms(write.begunNs)}, ${ms(write.endedNs)}] ${write.by}${session(write.session)} wrote version ${write.version} (${write.id}, ${write.outcome}), committed by ${ms(write.committedNs)}`,
    })),
    ...uncommitted.map((write) => ({
      atNs: write.begunNs,
      line: `[${ms(write.begunNs)}, ${ms(write.endedNs)}] ${write.by}${session(write.session)} wrote nothing (${write.id}, ${write.outcome})`,
    })),
    ...reads.map((read) => ({
      atNs: read.begunNs,
      line: `[${ms(read.begunNs)}, ${ms(read.endedNs)}] ${read.by}${session(read.session)} read version ${read.version} (${read.outcome}) ${read.content}`,
    })),
  ];

  return lines.sort((a, b) => a.atNs - b.atNs).map(({ line }) => line);
}
