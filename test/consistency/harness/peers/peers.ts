import type { OpenPeerCache } from './peer.js';

export const PEERS: Readonly<Record<string, OpenPeerCache>> = {};
