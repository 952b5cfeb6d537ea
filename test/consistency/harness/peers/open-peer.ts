import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CachedRegisters, type Answer } from '../application/register.js';
import type { Troubles } from '../application/instance-requests.js';
import type { Registers } from '../application/registers.js';
import type { PeerCache } from './peer.js';
import { PEERS } from './peers.js';

/** The registers through another library's cache: read through it, and evicted from it after each write. */
export async function openPeer(
  { name, folder }: { readonly name: string; readonly folder: string },
  redisUrl: string,
  origin: Registers,
): Promise<CachedRegisters> {
  const open = PEERS[name];
  if (open === undefined) throw new RangeError(`There is no peer ${name}: ${Object.keys(PEERS).join(', ')}`);
  const { resolve } = createRequire(join(folder, 'package.json'));
  const load = async (module: string): Promise<unknown> => {
    const loaded = (await import(pathToFileURL(resolve(module)).href)) as { readonly default?: object };
    // What a CommonJS module exports is the default export here.
    return { ...loaded.default, ...loaded };
  };

  return new PeerRegisters(await open({ redisUrl, load }), origin);
}

class PeerRegisters extends CachedRegisters {
  constructor(
    private readonly cache: PeerCache,
    private readonly origin: Registers,
  ) {
    super();
  }

  override async read(name: string): Promise<Answer> {
    let outcome: Answer['outcome'] = 'hit';
    const register = await this.cache.read(name, () => {
      outcome = 'miss';
      return this.origin.find(name);
    });

    return { register, outcome };
  }

  override troubles(): Troubles {
    return {};
  }

  override revision(): Promise<Answer> {
    throw new Error('no peer is asked for revisions');
  }

  override async write(name: string, id: string): Promise<number> {
    const version = await this.origin.write(name, id);
    await this.cache.evict(name);

    return version;
  }
}
