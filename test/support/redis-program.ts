import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Nowhere on this machine, and not for us to install. */
export class RedisMissingError extends Error {
  override readonly name = 'RedisMissingError';

  constructor() {
    super(
      'Redis is missing: apt-get install -y redis-server (or brew install redis, or set REDIS_SERVER to its program)',
    );
  }
}

/** REDIS_SERVER, or the first on the path. */
export function findRedis(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const given = process.env.REDIS_SERVER ?? '';

  return [...(given === '' ? [] : [given]), ...folders.map((folder) => join(folder, 'redis-server'))].find(existsSync);
}

/** Where one is root on Debian; anywhere else nothing happens. */
export function installRedis(): void {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return;

  process.stderr.write('Redis is missing, so: apt-get update && apt-get install -y redis-server\n');
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['update'], { env, stdio: 'ignore' });
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], { env, stdio: 'ignore' });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}
