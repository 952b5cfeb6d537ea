import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis, type RedisServer } from './redis-server.js';

/** Three masters that share the slots in equal parts, in order, without replicas. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  readonly urls: readonly string[];
  /** The node that holds the key. */
  nodeOf(key: string): Promise<RedisServer>;
  /** Until all nodes agree that all of them are there; after a restart of one that takes a moment. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

const MASTERS = 3;
const SLOTS = 16_384;
const SETTLED_WITHIN_MS = 20_000;

/** The slots of a node that is away do not take the others with them, so that one failure stays one. */
const ARGS = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', '--cluster-require-full-coverage', 'no'];

/** @throws {RedisMissingError} where there is none */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes = await Promise.all(Array.from({ length: MASTERS }, () => startRedis({ args: ARGS })));
  const first = firstSlots();
  const cluster: RedisCluster = {
    nodes,
    urls: nodes.map(({ url }) => url),
    nodeOf: async (key) => {
      const slot = Number(await anyOf(nodes, (node) => node.command('CLUSTER', 'KEYSLOT', key)));
      const owner = nodes[first.findLastIndex((start) => start <= slot)];
      if (owner === undefined) throw new Error(`no node holds slot ${slot}`);
      return owner;
    },
    settled: () => settled(nodes),
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };

  try {
    await join(nodes, first);
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

function firstSlots(): readonly number[] {
  return Array.from({ length: MASTERS }, (_, index) => Math.floor((SLOTS / MASTERS) * index));
}

async function join(nodes: readonly RedisServer[], first: readonly number[]): Promise<void> {
  const [one, ...others] = nodes;
  for (const [index, node] of nodes.entries()) {
    await node.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    const last = (first[index + 1] ?? SLOTS) - 1;
    await node.command('CLUSTER', 'ADDSLOTSRANGE', String(first[index]), String(last));
  }
  for (const { port } of others) await one?.command('CLUSTER', 'MEET', '127.0.0.1', String(port));

  await settled(nodes);
}

async function settled(nodes: readonly RedisServer[]): Promise<void> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  for (const node of nodes) {
    while (!(await isSettled(node))) {
      if (performance.now() > deadline) throw new Error(`the cluster did not settle within ${SETTLED_WITHIN_MS} ms`);
      await sleep(20);
    }
  }
}

async function isSettled(node: RedisServer): Promise<boolean> {
  const info = String(await node.command('CLUSTER', 'INFO'));
  const has = (line: string) => info.includes(`${line}\r\n`);

  return has('cluster_state:ok') && has(`cluster_slots_ok:${SLOTS}`) && has(`cluster_known_nodes:${MASTERS}`);
}

async function anyOf<T>(nodes: readonly RedisServer[], ask: (node: RedisServer) => Promise<T>): Promise<T> {
  return Promise.any(nodes.map(ask));
}
