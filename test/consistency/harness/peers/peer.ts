import type { Register } from '../application/register.js';

/** Another library on the same bench: reads through its cache, and its own way to say that a key has changed. */
export interface PeerCache {
  read(key: string, load: () => Promise<Register>): Promise<Register>;
  evict(key: string): Promise<unknown>;
}

export interface PeerContext {
  readonly redisUrl: string;
  readonly load: LoadModule;
}

/** Imports a module from where the peers are installed. */
export type LoadModule = (module: string) => Promise<unknown>;

export type OpenPeerCache = (context: PeerContext) => PeerCache | Promise<PeerCache>;

/** As long as ours keeps a strong entry. */
export const PEER_TTL_MS = 3_600_000;

interface Ioredis {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, unit: 'PX', ms: number): Promise<unknown>;
  del(key: string): Promise<unknown>;
  on(event: 'error', listener: () => void): unknown;
}

/** On default settings. Without a listener it writes each failure to the console, and some peers duplicate their client. */
export async function openIoredis(url: string, load: LoadModule): Promise<Ioredis> {
  const { Redis } = (await load('ioredis')) as { readonly Redis: new (...options: readonly unknown[]) => Ioredis };
  class QuietRedis extends Redis {
    constructor(...options: readonly unknown[]) {
      super(...options);
      this.on('error', () => undefined);
    }

    duplicate(override: object): QuietRedis {
      return new QuietRedis({ ...(this as unknown as { readonly options: object }).options, ...override });
    }
  }

  return new QuietRedis(url);
}
