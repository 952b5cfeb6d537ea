import { spawn } from 'node:child_process';

/** How one of the programs of the evidence came to its end. */
export interface Ended {
  /** Null when it had to be ended. */
  readonly code: number | null;
  /** The last line of its standard output: a report, where it came so far. */
  readonly lastLine: string;
  /** Its standard error. */
  readonly told: string;
}

/** Runs a compiled program in a process of its own: inside of Jest the same takes more than twice as long. */
export function runProgram(file: string, args: readonly string[], timeLimitMs?: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], { env: { ...process.env, NODE_OPTIONS: '' } });
    const limit = timeLimitMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeLimitMs);
    const [output, told]: Buffer[][] = [[], []];
    child.stdout.on('data', (part: Buffer) => output?.push(part));
    child.stderr.on('data', (part: Buffer) => told?.push(part));
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(limit);
      resolve({ code, lastLine: textOf(output).trim().split('\n').at(-1) ?? '', told: textOf(told) });
    });
  });
}

function textOf(parts: readonly Buffer[] = []): string {
  return Buffer.concat(parts).toString();
}
