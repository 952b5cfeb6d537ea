import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program of ours that runs in a process of its own, and ends with this one, however this one ends. */
export interface NodeProgram {
  readonly pid: number;
  /** Where it said that it is open. */
  readonly url: string;
  /** It has ended although nobody asked it to. */
  readonly hasDied: boolean;
  /** Whether it runs, and the last that it wrote to standard error: for the story of a failure. */
  readonly state: string;
  /** Stops it in its tracks: its connections stay open, and it does nothing until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

/**
 * Says which process the rest of the command line became, and runs it until standard input ends, which it does however this
 * process ends. Killed, not asked: one that was paused cannot answer.
 */
const AS_LONG_AS_STDIN = `
  trap '' INT TERM
  exec 3<&0
  "$@" </dev/null & program=$!
  echo "process $program"
  (cat <&3 >/dev/null; kill -KILL $program) 2>/dev/null &
  wait $program
`;

const LAST_WORDS = 20;

/** Starts it, and waits for the line that ends in `open at <url>`. */
export async function startNodeProgram(file: string, env: Readonly<Record<string, string>>): Promise<NodeProgram> {
  const shell = spawn('sh', ['-c', AS_LONG_AS_STDIN, 'program', process.execPath, file], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  let isEnding = false;
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    shell.once('exit', () => {
      hasEnded = true;
      resolve();
    });
  });
  createInterface(shell.stderr).on('line', (line) => log.push(line));

  let pid = 0;
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(shell.stdout).on('line', (line) => {
      const [, of] = /^process (\d+)$/.exec(line) ?? [];
      if (of !== undefined) pid = Number(of);
      const [, at] = /open at (\S+)$/.exec(line) ?? [];
      if (at !== undefined) resolve(at);
    });
    void ended.then(() => {
      reject(new Error(`It ended before it opened:\n${log.join('\n')}`));
    });
  });

  return {
    pid,
    url,
    get hasDied() {
      return hasEnded && !isEnding;
    },
    get state() {
      return [hasEnded ? 'it has ended' : 'it runs', ...log.slice(-LAST_WORDS)].join('\n');
    },
    pause: () => {
      process.kill(pid, 'SIGSTOP');
    },
    resume: () => {
      process.kill(pid, 'SIGCONT');
    },
    kill: async () => {
      isEnding = true;
      shell.stdin.end();
      await ended;
    },
  };
}
