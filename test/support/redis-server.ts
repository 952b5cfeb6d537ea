import { createClient } from '@redis/client';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { findRedis, RedisMissingError } from './redis-program.js';

/*
 * A real Redis that lives as long as its test: on a port of its own, in a folder that goes away with it. It can be killed,
 * stopped in its tracks, and started again with nothing or with what it remembered earlier.
 */

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Sends one command on a connection of its own. */
  command(...args: readonly string[]): Promise<unknown>;
  /** Remembers the data of this moment for a later `restart`. */
  snapshot(): Promise<void>;
  /** Starts again on the same port, killing it first if it runs: with the last snapshot if there is one, or empty. */
  restart(options?: { readonly empty?: boolean }): Promise<void>;
  /** Ends it at once, as a crash would; `restart` brings it back. */
  kill(): Promise<void>;
  /** Hangs it: connections stay open and nothing answers, until `resume`. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends it for good and removes its folder. */
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  /** More of its command line: `['--maxmemory-policy', 'allkeys-lru']`. */
  readonly args?: readonly string[];
  readonly password?: string;
}

/** @throws {RedisMissingError} where there is none */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const program = findRedis();
  if (program === undefined) throw new RedisMissingError();

  const folder = mkdtempSync(join(tmpdir(), 'redis-'));
  for (let attempt = 1; ; attempt += 1) {
    const server = new LocalRedis(program, folder, await freePort(), options);
    try {
      await server.start();
      return server;
    } catch (error) {
      // Between finding a free port and listening on it, somebody else may have taken it.
      if (attempt < 5 && String(error).includes('Address already in use')) continue;
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }
}

/**
 * Says which process the rest of the command line became, and runs it until standard input ends, which it does however
 * this process ends. Killed, not asked: a hung server cannot answer, and there is nothing in it that is worth saving.
 */
const AS_LONG_AS_STDIN = `
  trap '' INT TERM
  exec 3<&0
  "$@" & server=$!
  echo $server
  (cat <&3 >/dev/null; kill -KILL $server) 2>/dev/null &
  wait $server
`;

class LocalRedis implements RedisServer {
  readonly url: string;
  private running: RunningServer | undefined;

  constructor(
    private readonly program: string,
    private readonly folder: string,
    readonly port: number,
    private readonly options: RedisServerOptions,
  ) {
    const login = options.password === undefined ? '' : `:${encodeURIComponent(options.password)}@`;
    this.url = `redis://${login}127.0.0.1:${port}`;
  }

  async start(): Promise<void> {
    const { args = [], password } = this.options;
    const settings = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder];
    const volatile = ['--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0'];
    const login = password === undefined ? [] : ['--requirepass', password];

    this.running = await run([this.program, ...settings, ...volatile, ...login, ...args]);
  }

  async command(...args: readonly string[]): Promise<unknown> {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false, connectTimeout: 2000 } });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await client.sendCommand(args);
    } finally {
      client.destroy();
    }
  }

  async snapshot(): Promise<void> {
    await this.command('SAVE');
  }

  async restart({ empty = false }: { readonly empty?: boolean } = {}): Promise<void> {
    await this.kill();
    if (empty) rmSync(join(this.folder, 'dump.rdb'), { force: true });
    await this.start();
  }

  async kill(): Promise<void> {
    await this.running?.kill();
    this.running = undefined;
  }

  async pause(): Promise<void> {
    await this.running?.signal('SIGSTOP', (state) => state === 'T');
  }

  async resume(): Promise<void> {
    await this.running?.signal('SIGCONT', (state) => state !== 'T');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface RunningServer {
  signal(signal: NodeJS.Signals, isDone: (state: string) => boolean): Promise<void>;
  kill(): Promise<void>;
}

/** Follows the server's own log until it says that it is ready, or ends. */
async function run(command: readonly string[]): Promise<RunningServer> {
  const shell = spawn('sh', ['-c', AS_LONG_AS_STDIN, 'redis', ...command], { stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = new Promise((resolve) => shell.once('exit', resolve));
  const log: string[] = [];

  await new Promise<void>((resolve, reject) => {
    shell.once('error', reject);
    shell.once('exit', () => {
      reject(new Error(`Redis did not start:\n${log.join('\n')}`));
    });
    createInterface(shell.stdout).on('line', (line) => {
      if (log.length < 100) log.push(line);
      if (line.includes('Ready to accept connections')) resolve();
    });
  });
  const pid = Number(log[0]);

  return {
    signal: async (signal, isDone) => {
      process.kill(pid, signal);
      while (!isDone(stateOf(pid) ?? (signal === 'SIGSTOP' ? 'T' : 'S'))) await sleep(1);
    },
    kill: async () => {
      shell.stdin.end();
      await exited;
    },
  };
}

/** `T` while it is stopped; undefined where there is no /proc, and the signal has to be believed. */
function stateOf(pid: number): string | undefined {
  try {
    return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/**
 * Below the ports that connections of clients are given, or a client that reconnects could take the place of the server
 * that is about to start again; and so that the port 10000 above, of a cluster's bus, is one too.
 */
async function freePort(): Promise<number> {
  const port = randomInt(12_000, 22_000);
  const isFree = (await Promise.all([port, port + 10_000].map(canListen))).every(Boolean);

  return isFree ? port : freePort();
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
