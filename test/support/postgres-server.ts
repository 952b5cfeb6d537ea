import { execFile, execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';

/*
 * A real PostgreSQL that lives as long as a test run: on a free port, in a folder that goes away with it, trusting
 * everybody on this machine, and without a care for what a power cut would do to its data.
 */

export interface PostgresServer {
  readonly url: string;
  stop(): Promise<void>;
}

export interface PostgresSources {
  /** Where its programs are looked for, in this order. */
  readonly folders: readonly string[];
  /** Whether root on Debian may fetch it with apt-get when it is nowhere. */
  readonly mayInstall: boolean;
  /** Beside those that make it quick, by name. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Nowhere on this machine, and not for us to install. */
export class PostgresMissingError extends Error {
  override readonly name = 'PostgresMissingError';

  constructor() {
    super('PostgreSQL is missing: apt-get install -y postgresql (or brew install postgresql, or set DATABASE_URL)');
  }
}

/** @throws {PostgresMissingError} when it is neither here nor installable */
export async function startPostgres({
  folders,
  mayInstall,
  settings = {},
}: Partial<PostgresSources> = {}): Promise<PostgresServer> {
  const binaries = findBinaries(folders) ?? (mayInstall === false ? undefined : install());
  if (binaries === undefined) throw new PostgresMissingError();

  // The server refuses to run as root.
  const account = process.getuid?.() === 0 ? unprivilegedAccount() : {};
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  if (account.uid !== undefined && account.gid !== undefined) chownSync(folder, account.uid, account.gid);

  try {
    return await startIn(folder, binaries, account, settings);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Runs the rest of the command line until standard input ends, which it does however this process ends, and removes the
 * folder. It stops at once: there is nothing in it that is worth a checkpoint.
 */
const AS_LONG_AS_STDIN = `
  trap '' INT TERM
  exec 3<&0
  "$@" & server=$!
  (cat <&3 >/dev/null; kill -QUIT $server) 2>/dev/null &
  wait $server
  rm -rf "$0"
`;

async function startIn(
  folder: string,
  binaries: string,
  account: Account,
  further: Readonly<Record<string, string>>,
): Promise<PostgresServer> {
  const data = join(folder, 'data');
  const initialise = ['--no-sync', '--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C'];
  await promisify(execFile)(join(binaries, 'initdb'), [...initialise, '-D', data], { ...account, cwd: folder });

  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    max_connections: '200',
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    lc_messages: 'C',
    ...further,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = [join(binaries, 'postgres'), '-D', data, '-p', String(port), ...flags];
  const server = spawn('sh', ['-c', AS_LONG_AS_STDIN, folder, ...command], {
    ...account,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const exited = new Promise((resolve) => server.once('exit', resolve));
  await readiness(server);

  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      server.stdin.end();
      await exited;
    },
  };
}

/** Follows the server's own log until it says that it is ready, or ends. */
async function readiness(server: ChildProcessByStdio<Writable, null, Readable>): Promise<void> {
  const log: string[] = [];

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', () => {
      reject(new Error(`PostgreSQL did not start:\n${log.join('\n')}`));
    });
    createInterface(server.stderr).on('line', (line) => {
      log.push(line);
      if (line.includes('database system is ready to accept connections')) resolve();
    });
  });
}

function findBinaries(folders = placesOfBinaries()): string | undefined {
  return folders.find((folder) => ['initdb', 'postgres'].every((program) => existsSync(join(folder, program))));
}

function placesOfBinaries(): readonly string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];

  return [...(process.env.PATH ?? '').split(delimiter), ...versions.map((version) => join(debian, version, 'bin'))];
}

function install(): string | undefined {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return undefined;

  process.stderr.write('PostgreSQL is missing, so: apt-get update && apt-get install -y postgresql\n');
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['update'], { env, stdio: 'ignore' });
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'postgresql'], { env, stdio: 'ignore' });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }

  return findBinaries();
}

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

function unprivilegedAccount(): Account {
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  const find = (name: string) => accounts.find((account) => account.startsWith(`${name}:`));
  const line = find('postgres') ?? find('nobody');
  if (line === undefined) throw new Error('PostgreSQL refuses root, and there is neither a user postgres nor nobody');
  const [, , uid, gid] = line.split(':');

  return { uid: Number(uid), gid: Number(gid) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));

  return port;
}
