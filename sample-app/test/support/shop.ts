import 'reflect-metadata';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { type INestApplication, Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CacheEvents, Clock } from 'nestjs-consistent-cache';
import { EventStory, ManualClock } from 'nestjs-consistent-cache/testing';
import request from 'supertest';
import { AppModule } from '../../src/app.module.js';
import { DatabaseConditions } from '../../src/database/database-conditions.js';
import { configure } from '../../src/serve.js';
import { Carrier } from '../../src/shipping/carrier.js';
import { DatabaseGate } from './database-gate.js';

Logger.overrideLogger(['fatal']);
const LONGEST_WAIT_MS = 10_000;
// A busy machine may take its time to fill a fresh PostgreSQL.
jest.setTimeout(60_000);

/** The whole shop behind a real port, with a clock that stands still and origins that break when told to. */
export class TestShop {
  static async open(): Promise<TestShop> {
    const clock = new ManualClock();
    const database = new DatabaseGate();
    const testing = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(Clock)
      .useValue(clock)
      .overrideProvider(DatabaseConditions)
      .useValue(database)
      .compile();
    const app = configure(testing.createNestApplication<INestApplication<Server>>());
    await app.listen(0, '127.0.0.1');

    return new TestShop(app, clock, database);
  }

  readonly carrier: Carrier;
  /** What the caches did, in order. */
  readonly story: EventStory;
  private readonly agents = new Map<string, ReturnType<typeof request.agent>>();

  private constructor(
    readonly app: INestApplication<Server>,
    readonly clock: ManualClock,
    readonly database: DatabaseGate,
  ) {
    this.carrier = app.get(Carrier);
    this.story = new EventStory(app.get(CacheEvents));
  }

  /** Somebody who has not signed in. */
  get anybody() {
    return request(this.app.getHttpServer());
  }

  /** A customer, who keeps the cookies. */
  as(customer: string) {
    const agent = this.agents.get(customer) ?? request.agent(this.app.getHttpServer());
    this.agents.set(customer, agent);

    return agent.set('authorization', `Bearer ${customer}`);
  }

  /** The nightly job: it writes into the table and evicts nothing. */
  importPrice(sku: string, cents: number) {
    return this.as('staff')
      .post('/prices/import')
      .send({ prices: [{ sku, cents }] })
      .expect(204);
  }

  /** How often `action` went to the database. */
  async databaseTrips(action: () => PromiseLike<unknown>): Promise<number> {
    const before = this.database.roundTrips;
    await action();

    return this.database.roundTrips - before;
  }

  async close(): Promise<void> {
    await this.app.close();
  }
}

/** Waits for what happens outside of this process's own steps: a request that arrives, a connection that closes. */
export async function until(hasHappened: () => boolean): Promise<void> {
  const giveUpMs = performance.now() + LONGEST_WAIT_MS;
  while (!hasHappened()) {
    if (performance.now() > giveUpMs) throw new Error('What was waited for did not happen');
    await sleep(2);
  }
}

/** What a successful answer contains. */
export async function bodyOf<Body>(answer: request.Test): Promise<Body> {
  return (await answer.expect(200)).body as Body;
}
