import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface ShopProcess {
  readonly url: string;
  readonly startedInMs: number;
  readonly stop: () => Promise<void>;
}

/** Starts a shop in a process of its own, on a free port and the embedded database. */
export async function startShop(entry: string, env: NodeJS.ProcessEnv = {}): Promise<ShopProcess> {
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [new URL(entry, import.meta.url).pathname], {
    env: { ...process.env, DATABASE_URL: undefined, REDIS_URL: undefined, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Whatever ends the demo ends its shops.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);

  const url = await addressOf(child);

  return {
    url,
    startedInMs: performance.now() - startedAtMs,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
      process.removeListener('exit', kill);
    },
  };
}

async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The shop was started without its output');
  for await (const line of createInterface(child.stdout)) {
    const [, url] = /open at (\S+)$/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('The shop ended before it opened; its errors stand above');
}
