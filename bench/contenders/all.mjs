import { bareMap, peers } from './peers.mjs';

/** The baseline first. Without ours, the peers can be measured before the library is built. */
export async function allContenders({ withOurs }) {
  if (!withOurs) return [bareMap, ...peers];
  const { contenders } = await import('./ours.mjs');

  return [bareMap, ...peers, ...contenders];
}
