import type { Register } from '../application/register.js';

/** Another library on the same bench: reads through its cache, and its own way to say that a key has changed. */
export interface PeerCache {
  read(key: string, load: () => Promise<Register>): Promise<Register>;
  evict(key: string): Promise<unknown>;
}

export interface PeerContext {
  readonly redisUrl: string;
  /** Resolves from where the peers are installed. */
  readonly load: (module: string) => Promise<unknown>;
}

export type OpenPeerCache = (context: PeerContext) => PeerCache | Promise<PeerCache>;
