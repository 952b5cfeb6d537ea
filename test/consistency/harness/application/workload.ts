import { setTimeout as sleep } from 'node:timers/promises';
import { registerName, type CacheName } from '../caches.js';
import { Random } from '../random.js';
import type { ActPlan, CacheLoad } from './instance-requests.js';
import type { Operations } from './operations.js';

/** One is written while it is still being loaded after the last write; the others are cached between two. */
const HOTTEST_SHARE = 0.35;

/** The readers and writers of one instance in one act: each does one thing after the other, with pauses between. */
export class Workload {
  private readsAreOver = false;
  private writesAreOver = false;
  private readonly readers: readonly Promise<void>[];
  private readonly writers: readonly Promise<void>[];
  private readonly pausedWrites = new Set<CacheName>();
  private readonly writing = new Map<CacheName, Set<Promise<void>>>();

  constructor(
    private readonly plan: ActPlan,
    private readonly operations: Operations,
  ) {
    this.readers = plan.loads.flatMap((load) => times(load.readers, (nth) => this.keepReading(load, nth)));
    this.writers = plan.loads.flatMap((load) => times(load.writers, (nth) => this.keepWriting(load, nth)));
  }

  async endWrites(): Promise<void> {
    this.writesAreOver = true;
    await Promise.all(this.writers);
  }

  /** Settles when no write of this cache is under way, and none begins until `resumeWrites`. */
  async pauseWrites(cache: CacheName): Promise<void> {
    this.pausedWrites.add(cache);
    await Promise.all([...(this.writing.get(cache) ?? [])]);
  }

  resumeWrites(cache: CacheName): void {
    this.pausedWrites.delete(cache);
  }

  /** Ends the readers, and reads everything once more. */
  async endReads(): Promise<void> {
    this.readsAreOver = true;
    await Promise.all(this.readers);
    for (const { cache, registers } of this.plan.loads) {
      for (let index = 0; index < registers; index += 1) await this.operations.read(this.named(cache, index), index);
    }
  }

  private async keepReading({ cache, registers, readPauseMs }: CacheLoad, nth: number): Promise<void> {
    const random = this.randomOf(cache, nth);
    while (!this.readsAreOver) {
      await this.operations.read(this.named(cache, someRegister(random, registers)), random.below(1 << 20));
      await sleep(random.between(0, 2 * readPauseMs));
    }
  }

  private async keepWriting({ cache, registers, writePauseMs }: CacheLoad, nth: number): Promise<void> {
    const random = this.randomOf(cache, -1 - nth);
    while (!this.writesAreOver) {
      if (!this.pausedWrites.has(cache)) await this.write(cache, someRegister(random, registers));
      await sleep(random.between(0, 2 * writePauseMs));
    }
  }

  private async write(cache: CacheName, index: number): Promise<void> {
    const under = this.writing.get(cache) ?? new Set();
    this.writing.set(cache, under);
    const write = this.operations.write(this.named(cache, index));
    under.add(write);
    await write;
    under.delete(write);
  }

  private randomOf(cache: CacheName, actor: number): Random {
    return Random.of(
      this.plan.seed,
      this.plan.loads.findIndex((load) => load.cache === cache),
      actor,
    );
  }

  private named(cache: CacheName, index: number): string {
    return registerName(this.plan.act, cache, index);
  }
}

function someRegister(random: Random, registers: number): number {
  return random.chance(HOTTEST_SHARE) ? 0 : random.below(registers);
}

function times<T>(count: number, make: (nth: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, nth) => make(nth));
}
