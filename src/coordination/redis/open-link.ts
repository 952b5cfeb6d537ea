import { ErrorReply } from '@redis/client';
import type { StoreCapabilities } from '../capabilities.js';
import { StoreRefusedError } from '../coordination.errors.js';
import type { SharedStoreContext } from '../shared-store.js';
import { ClusterRedisLink } from './cluster-redis-link.js';
import type { ConnectionOptions, ConnectionTimes } from './connection-options.js';
import { inspectRedis, type RedisInspection } from './redis-inspection.js';
import type { ClockProbe, RedisLink } from './redis-link.js';
import type { RedisSource } from './redis-source.js';
import { StandaloneRedisLink, type LinkSettings } from './standalone-redis-link.js';

export interface LinkTimes extends ConnectionTimes {
  readonly probeIntervalMs: number;
}

/**
 * A link that has been connected, to a Redis that has been inspected.
 *
 * @param onProbe hears of every probe, the first one included
 * @throws {StoreRefusedError} having left nothing open
 */
export async function openLink(
  source: RedisSource,
  times: LinkTimes,
  { namespace, deadlineMs, clock, report }: SharedStoreContext,
  onProbe: (probe: ClockProbe) => void,
): Promise<{ readonly link: RedisLink; readonly capabilities: StoreCapabilities }> {
  const { capabilities, tellsEpoch } = await inspected(source, times.connectTimeoutMs);
  const settings: LinkSettings = { ...times, deadlineMs, tellsEpoch, clock, report };
  const link =
    source.kind === 'single'
      ? new StandaloneRedisLink(source.options, settings)
      : new ClusterRedisLink(source, settings);
  link.onProbe(onProbe);
  try {
    if (!(await link.open(times.connectTimeoutMs))) throw unready(capabilities.describedAs, times.connectTimeoutMs);
    await refuseStranger(link, namespace, capabilities.describedAs);
  } catch (error) {
    await link.close();
    throw error;
  }

  return { link, capabilities };
}

/** Any one node of a cluster can say what the cluster is; the refusal of the last one is as good as any. */
async function inspected(source: RedisSource, withinMs: number): Promise<RedisInspection> {
  if (source.kind === 'single') return inspectRedis('single', source.options, withinMs);

  return firstOf(source.roots, (root) => inspectRedis('cluster', root, withinMs / source.roots.length));
}

async function firstOf<T>(
  roots: readonly ConnectionOptions[],
  ask: (root: ConnectionOptions) => Promise<T>,
): Promise<T> {
  let refusal: unknown;
  for (const root of roots) {
    try {
      return await ask(root);
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

function unready(describedAs: string, withinMs: number): StoreRefusedError {
  return new StoreRefusedError(
    describedAs,
    `It was not ready within ${withinMs} ms: it may be loading its data, or have no master`,
    'Start the application when it is, or raise connectTimeout',
  );
}

/** A user without the right to our keys would turn every call into a failure; better said once, and now. */
async function refuseStranger(link: RedisLink, namespace: string, describedAs: string): Promise<void> {
  // A name that no part uses, and nothing is written under it unless it is there.
  const key = `${namespace}:w:`;
  for (const ask of [() => link.get(key), () => link.send(key, ['SET', key, '', 'PX', '1', 'XX'])]) {
    const failure: unknown = await ask().then(
      () => undefined,
      (error: unknown) => (error as Error).cause,
    );
    if (!(failure instanceof ErrorReply) || !failure.message.startsWith('NOPERM')) continue;
    throw new StoreRefusedError(
      describedAs,
      `The user may not read and write keys under ${namespace}:`,
      `Allow it: ACL SETUSER … ~${namespace}:* +@read +@write +@scripting +@connection +info +role +time`,
      failure,
    );
  }
}
