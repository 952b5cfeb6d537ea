import { Injectable } from '@nestjs/common';
import { Cacheable, CacheDefaults, CacheEvict, CallerContext, StaleTolerance } from 'nestjs-consistent-cache';
import type { Register } from './register.js';
import { Registers } from './registers.js';

/** One cache for each promise, and the writes of each, as an application declares them. */
@Injectable()
@CacheDefaults({ scope: 'shared', owner: 'harness' })
export class DeclaredCaches {
  constructor(
    private readonly registers: Registers,
    private readonly caller: CallerContext,
  ) {}

  @Cacheable({ consistency: 'linearizable', tags: { linearizable: (name: string) => name } })
  async linearizable(name: string): Promise<Register> {
    return this.registers.find(name);
  }

  @CacheEvict({ tags: { linearizable: (name: string) => name } })
  async writeLinearizable(name: string, id: string): Promise<number> {
    return this.registers.write(name, id);
  }

  @Cacheable({ consistency: 'strong', tags: { strong: (name: string) => name } })
  async strong(name: string): Promise<Register> {
    return this.registers.find(name);
  }

  @CacheEvict({ tags: { strong: (name: string) => name } })
  async writeStrong(name: string, id: string): Promise<number> {
    return this.registers.write(name, id);
  }

  /** Whose it is stands in no argument, so that the scope alone keeps users apart. */
  @Cacheable({ consistency: 'strong', scope: 'user', tags: { own: (topic: string) => topic } })
  async own(topic: string): Promise<Register> {
    const { user = 'nobody' } = this.caller.current() ?? {};

    return this.registers.find(`${topic}/${user}`);
  }

  @CacheEvict({ user: (_topic: string, user: string) => user })
  async writeOwn(topic: string, user: string, id: string): Promise<number> {
    return this.registers.write(`${topic}/${user}`, id);
  }

  @Cacheable({ consistency: 'session', tags: { session: (name: string) => name } })
  @StaleTolerance({ max: '2s', because: 'only the caller itself would notice' })
  async session(name: string): Promise<Register> {
    return this.registers.find(name);
  }

  @CacheEvict({ tags: { session: (name: string) => name } })
  async writeSession(name: string, id: string): Promise<number> {
    return this.registers.write(name, id);
  }

  @Cacheable({ consistency: 'bounded', tags: { bounded: (name: string) => name } })
  @StaleTolerance({ max: '1s', because: 'evicted, and a second late at the most' })
  async bounded(name: string): Promise<Register> {
    return this.registers.find(name);
  }

  @CacheEvict({ tags: { bounded: (name: string) => name } })
  async writeBounded(name: string, id: string): Promise<number> {
    return this.registers.write(name, id);
  }

  /** Written past the cache. */
  @Cacheable({ consistency: 'bounded' })
  @StaleTolerance({ max: '1s', because: 'nobody evicts it, and it is a second late at the most' })
  async imported(name: string): Promise<Register> {
    return this.registers.find(name);
  }

  @Cacheable({ consistency: 'eventual', ttl: '2s', tags: { eventual: (name: string) => name } })
  async eventual(name: string): Promise<Register> {
    return this.registers.find(name);
  }

  @CacheEvict({ tags: { eventual: (name: string) => name } })
  async writeEventual(name: string, id: string): Promise<number> {
    return this.registers.write(name, id);
  }

  @Cacheable({ consistency: 'immutable' })
  async revision(name: string, version: number): Promise<Register> {
    return this.registers.revision(name, version);
  }
}
