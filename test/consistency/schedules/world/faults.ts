import type { Instance } from './instance.js';
import type { RedisInMemory } from './redis/redis-in-memory.js';
import type { ScheduledWorld } from './scheduled-world.js';

// What can go wrong with a store and those who use it, each as operations whose steps fall anywhere between the others'.

/**
 * The server is replaced by one that remembers nothing, what it had, what it had had at some moment before, or, as a replica
 * that was promoted, what it had had at the beginning.
 */
export function restarting(
  world: ScheduledWorld,
  as: 'empty' | 'with-all' | 'with-old-state' | 'promoted',
): Promise<void> {
  return happening(world, 'server', async () => {
    const server = serverOf(world);
    let state = as === 'empty' ? undefined : server.save();
    if (as === 'with-old-state') {
      await world.gate('is copied');
      state = server.save();
    }
    await world.gate(`restarts ${as}`);
    if (as === 'with-all') state = server.save();
    server.restart(state, as === 'promoted' ? 'promoted' : 'restarted');
    for (const { link, feed } of [world.here, world.there]) {
      link?.break();
      feed?.break();
    }
  });
}

/** An instance loses its connection, and with it what was on its way. */
export function losing(world: ScheduledWorld, { name, link }: Instance, times = 1): Promise<void> {
  return happening(world, `${name} network`, async () => {
    for (let time = 1; time <= times; time += 1) {
      await world.gate('breaks');
      link?.break();
    }
  });
}

/** The server does not answer an instance in time, and carries out later what it was sent. */
export function stalling(world: ScheduledWorld, { name, link }: Instance): Promise<void> {
  return happening(world, `${name} network`, async () => {
    await world.gate('stands still');
    link?.standStill();
  });
}

export function dying(world: ScheduledWorld, instance: Instance): Promise<void> {
  return happening(world, `${instance.name} process`, async () => {
    await world.gate('dies');
    world.die(instance);
  });
}

const KEYS = { versions: ':v:', announcements: ':i:' } as const;

/** Keys vanish for want of room, unless that may not happen any more when its turn comes. */
export function forgetting(
  world: ScheduledWorld,
  what: keyof typeof KEYS,
  isRuledOut: () => boolean = () => false,
): Promise<void> {
  return happening(world, 'memory', async () => {
    await world.gate(`drops ${what}`);
    if (!isRuledOut()) serverOf(world).drop((key) => key.includes(KEYS[what]));
  });
}

/** A write of a version is confirmed to its writer, and lost. */
export function swallowing(world: ScheduledWorld): Promise<void> {
  return happening(world, 'memory', async () => {
    await world.gate('swallows a write');
    serverOf(world).swallowWrite();
  });
}

/** From now on until its connection is replaced, an instance is given replies that belong to other reads. */
export function confusing(world: ScheduledWorld, { name, link }: Instance): Promise<void> {
  return happening(world, `${name} network`, async () => {
    await world.gate('confuses replies');
    link?.confuseReplies();
  });
}

/** What an instance hears of evictions stops, with what was on its way; later it listens again. */
export function deafening(world: ScheduledWorld, { name, feed }: Instance): Promise<void> {
  return happening(world, `${name} ears`, async () => {
    await world.gate('go deaf');
    feed?.break();
  });
}

/** An instance asks for proofs of silence. */
export function proving(world: ScheduledWorld, { name, feed }: Instance, times: number): Promise<void> {
  return happening(world, `${name} ears`, async () => {
    for (let time = 1; time <= times; time += 1) {
      await world.gate('ask for a proof');
      feed?.ask();
    }
  });
}

/** To the world, not to an instance: it goes on when one dies. */
function happening(world: ScheduledWorld, by: string, work: () => Promise<void>): Promise<void> {
  return world.doing(by, { ...world.here, name: by }, work);
}

function serverOf({ server }: ScheduledWorld): RedisInMemory {
  if (server === undefined) throw new Error('There is no server to restart in this process');

  return server;
}
