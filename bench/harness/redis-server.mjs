/**
 * A real Redis for one scenario: on a free port, in a folder that goes away with it, and never outliving this process. It can
 * be stopped in its tracks, ended as by a crash, and started again empty.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** REDIS_SERVER, or the first on the path; undefined where there is none. */
export function findRedis() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = [process.env.REDIS_SERVER ?? '', ...folders.map((folder) => join(folder, 'redis-server'))];

  return candidates.find((path) => path !== '' && existsSync(path));
}

/**
 * Says which process the server became, and ends it when standard input ends, which it does however this process ends.
 * Killed, not asked: one that was stopped in its tracks cannot answer.
 */
const AS_LONG_AS_STDIN = `
  trap '' INT TERM
  exec 3<&0
  "$@" & server=$!
  echo $server
  (cat <&3 >/dev/null; kill -KILL $server) 2>/dev/null &
  wait $server
`;

export async function startRedis() {
  const program = findRedis();
  if (program === undefined) throw new Error('Redis is missing: apt-get install -y redis-server, or set REDIS_SERVER');

  const folder = mkdtempSync(join(tmpdir(), 'bench-redis-'));
  const port = await freePort();
  const command = [
    program,
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  let running = await run(command);

  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    pause: () => signal(running.pid, 'SIGSTOP'),
    resume: () => signal(running.pid, 'SIGCONT'),
    kill: () => running.end(),
    async restart() {
      running = await run(command);
    },
    async stop() {
      await running.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Follows the server's own log until it says that it is ready, or ends. */
async function run(command) {
  const shell = spawn('sh', ['-c', AS_LONG_AS_STDIN, 'redis', ...command], { stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = once(shell, 'exit');
  const log = [];
  await new Promise((resolve, reject) => {
    shell.once('exit', () => reject(new Error(`Redis did not start:\n${log.join('\n')}`)));
    createInterface(shell.stdout).on('line', (line) => {
      if (log.length < 100) log.push(line);
      if (line.includes('Ready to accept connections')) resolve();
    });
  });

  return {
    pid: Number(log[0]),
    async end() {
      shell.stdin.end();
      await exited;
    },
  };
}

/** Returns when the signal has had its effect. */
async function signal(pid, name) {
  process.kill(pid, name);
  while ((stateOf(pid) === 'T') !== (name === 'SIGSTOP')) await sleep(1);
}

function stateOf(pid) {
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');

  return port;
}
