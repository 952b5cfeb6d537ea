import { Test, type TestingModule } from '@nestjs/testing';
import { CacheEvents, ConsistentCacheModule } from 'nestjs-consistent-cache';
import { EventStory } from 'nestjs-consistent-cache/testing';
import { NumbersService } from './numbers.service.js';
import type { NumbersTable } from './numbers-table.js';
import { Rows, type Adapter } from './rows.js';
import type { Scenario } from './scenarios.js';

/** What a scenario is played on. */
export interface Stage {
  readonly rows: Rows;
  readonly numbers: NumbersService;
  readonly table: NumbersTable;
  readonly story: EventStory;
}

/** An application over one library, for one scenario after the other. */
export class Theatre {
  private constructor(
    private readonly app: TestingModule,
    private readonly table: NumbersTable,
  ) {}

  static async open({ parts }: Adapter, table: NumbersTable): Promise<Theatre> {
    const { imports = [], providers = [] } = parts();
    const app = await Test.createTestingModule({
      imports: [ConsistentCacheModule.forRoot({ topology: 'single-process' }), ...imports],
      providers: [...providers, NumbersService],
    }).compile();
    await app.init();

    return new Theatre(app, table);
  }

  async play(scenario: Scenario): Promise<void> {
    const [rows, numbers] = [this.app.get(Rows), this.app.get(NumbersService)];
    for (const id of ['a', 'b', 'c']) {
      await numbers.write(id, 0);
      await numbers.read(id);
    }
    numbers.loads = 0;
    const story = new EventStory(this.app.get(CacheEvents));
    try {
      await scenario.play({ rows, numbers, table: this.table, story });
    } finally {
      story.stop();
    }
  }

  async close(): Promise<void> {
    await this.app.close();
  }
}
