import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict } from 'nestjs-consistent-cache';
import { Rows } from './rows.js';

/** Numbers through a cache, as an application declares one. */
@Injectable()
export class NumbersService {
  loads = 0;

  constructor(private readonly rows: Rows) {}

  @Cacheable({ consistency: 'strong', scope: 'shared', owner: 'tests', tags: { number: (id: string) => id } })
  async read(id: string): Promise<number> {
    this.loads += 1;

    return this.rows.read(id);
  }

  @CacheEvict({ tags: { number: (id: string) => id } })
  async write(id: string, value: number): Promise<void> {
    await this.rows.write(id, value);
  }
}
