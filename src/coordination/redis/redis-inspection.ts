import { ConnectionTimeoutError, createClient, SocketTimeoutError } from '@redis/client';
import type { Capability, StoreCapabilities } from '../capabilities.js';
import { StoreRefusedError } from '../coordination.errors.js';
import { boundedOptions, nodeName, type ConnectionOptions } from './connection-options.js';
import { epochOf, readServerFacts, type ServerFacts } from './server-facts.js';

/** What was found out about a Redis before anything was built on it. */
export interface RedisInspection {
  readonly capabilities: StoreCapabilities;
  /** Whether it says which process it is. */
  readonly tellsEpoch: boolean;
}

/** Client tracking, which copies in the processes need, came with it. */
const OLDEST_MAJOR = 6;

/**
 * Asks a Redis who it is.
 *
 * @param withinMs how long that may take
 * @throws {StoreRefusedError} when it cannot be reached, or is not one to build on
 */
export async function inspectRedis(
  kind: 'single' | 'cluster',
  options: ConnectionOptions,
  withinMs: number,
): Promise<RedisInspection> {
  const where = `Redis at ${nodeName(options)}`;
  const facts = await factsOf(where, options, withinMs);
  if (facts !== undefined) refuseUnusable(kind, where, facts);

  return {
    capabilities: capabilitiesOf(where, facts),
    tellsEpoch: facts !== undefined && epochOf(facts) !== undefined,
  };
}

/** @returns undefined when we may not ask */
async function factsOf(where: string, options: ConnectionOptions, withinMs: number): Promise<ServerFacts | undefined> {
  // One half for the connection, one for what is said over it.
  const bounded = boundedOptions(options, { connectTimeoutMs: withinMs / 2, silenceMs: withinMs / 2 });
  const client = createClient({ ...bounded, socket: { ...bounded.socket, reconnectStrategy: false } as object });
  // What comes first is the cause; the calls may tell only of its consequences.
  let first: unknown;
  client.on('error', (error: unknown) => {
    first ??= error;
  });
  try {
    await client.connect();
    return readServerFacts(await client.sendCommand(['INFO']));
  } catch (error) {
    if (startsWith(error, 'NOPERM')) return undefined;
    throw refusalOf(where, first ?? error);
  } finally {
    if (client.isOpen) client.destroy();
  }
}

function refusalOf(where: string, error: unknown): StoreRefusedError {
  const { code, name, message } = error as Error & { readonly code?: string };
  if (message.includes('unknown command')) {
    // Redis repeats what it was given, which may be the password.
    return new StoreRefusedError(where, 'It does not know a command of Redis', `Use ${OLDEST_MAJOR}.0 or later`);
  }
  if (/^ERR .*without any password/.test(message)) {
    return new StoreRefusedError(where, 'It knows of no password, but one was given', 'Leave the password out', error);
  }
  if (/^(NOAUTH|WRONGPASS|ERR invalid password)/.test(message)) {
    return new StoreRefusedError(
      where,
      message.startsWith('NOAUTH') ? 'It asks for a password' : 'It refuses the user or the password',
      'Check both; in a url, characters such as @ and / are written %40 and %2F',
      error,
    );
  }
  if (/^[A-Z]+ /.test(message) && code === undefined) {
    return new StoreRefusedError(where, `It answers ${message}`, 'Check the address and the rights of the user', error);
  }

  const isSilence = error instanceof ConnectionTimeoutError || error instanceof SocketTimeoutError;
  return new StoreRefusedError(
    where,
    `It cannot be reached: ${isSilence ? 'no answer in time' : (code ?? name)}`,
    'Start it, or check host, port and, for TLS, the certificate',
    error,
  );
}

function refuseUnusable(kind: 'single' | 'cluster', where: string, facts: ServerFacts): void {
  const version = facts.get('redis_version') ?? '';
  if (version !== '' && Number.parseInt(version, 10) < OLDEST_MAJOR) {
    throw new StoreRefusedError(where, `It is version ${version}`, `Use ${OLDEST_MAJOR}.0 or later`);
  }
  const isCluster = facts.get('cluster_enabled') === '1';
  if (kind === 'single' && isCluster) {
    throw new StoreRefusedError(
      where,
      'It is a node of a cluster',
      'Give the urls of some of its nodes as urls: [...]',
    );
  }
  if (kind === 'cluster' && !isCluster) {
    throw new StoreRefusedError(where, 'It belongs to no cluster', 'Give a single server as url');
  }
  if (kind === 'single' && facts.get('role') !== undefined && facts.get('role') !== 'master') {
    throw new StoreRefusedError(where, 'It is a replica, which lags behind', 'Give the address of the master');
  }
}

/** What the facts allow to be promised. */
export function capabilitiesOf(where: string, facts: ServerFacts | undefined): StoreCapabilities {
  const missing = new Map<Capability, string>();
  if (facts === undefined) {
    missing.set('knownEpoch', 'the user may not ask for INFO, so a restart would not show');
    missing.set('intents', 'the user may not ask for INFO, so it may be set up to drop an announcement');
  } else {
    if (epochOf(facts) === undefined) missing.set('knownEpoch', 'INFO has no run_id, so a restart would not show');
    const policy = facts.get('maxmemory_policy') ?? '';
    if (Number(facts.get('maxmemory')) > 0 && policy.startsWith('allkeys-')) {
      missing.set('intents', `maxmemory-policy is ${policy}, which may drop an announcement`);
    }
  }
  const all: readonly Capability[] = ['sharedVersions', 'knownEpoch', 'intents', 'tickets'];
  const version = facts?.get('redis_version');

  return {
    describedAs: version === undefined ? where : where.replace('Redis', `Redis ${version}`),
    has: new Set(all.filter((capability) => !missing.has(capability))),
    missingBecause: Object.fromEntries(missing),
  };
}

function startsWith(error: unknown, code: string): boolean {
  return error instanceof Error && error.message.startsWith(code);
}
