import { createClient } from '@redis/client';
import { boundedOptions, type ConnectionOptions, type ConnectionTimes } from './connection-options.js';

/** Which master holds which slots. */
export interface SlotRange {
  readonly first: number;
  readonly last: number;
  /** Undefined where the node that was asked does not know its own host: then it is the one at which it was asked. */
  readonly host: string | undefined;
  readonly port: number;
}

export const LAYOUT_COMMAND = ['CLUSTER', 'SLOTS'] as const;

/** @returns undefined when the reply is none, or nobody holds anything */
export function readLayout(reply: unknown): readonly SlotRange[] | undefined {
  if (!Array.isArray(reply) || reply.length === 0) return undefined;

  return (reply as readonly [number, number, readonly [string | null, number]][]).map(
    ([first, last, [host, port]]) => ({
      first,
      last,
      host: host === null || host === '' || host === '?' ? undefined : host,
      port,
    }),
  );
}

/** Asks over a connection of its own. @returns undefined when there is no answer */
export async function askForLayout(
  root: ConnectionOptions,
  times: ConnectionTimes,
): Promise<readonly SlotRange[] | undefined> {
  const bounded = boundedOptions(root, times);
  const client = createClient({ ...bounded, socket: { ...bounded.socket, reconnectStrategy: false } as object });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return readLayout(await client.sendCommand(LAYOUT_COMMAND));
  } catch {
    // The next root, or the next time: a cluster is there to outlive its nodes.
    return undefined;
  } finally {
    if (client.isOpen) client.destroy();
  }
}
