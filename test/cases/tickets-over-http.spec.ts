import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Param, Post } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import {
  Cacheable,
  CacheEvict,
  CacheMetrics,
  Clock,
  ConsistentCacheModule,
  StaleTolerance,
} from 'nestjs-consistent-cache';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import request from 'supertest';

let loads = 0;

@Injectable()
@Controller('cart')
class CartController {
  @Get(':id')
  @Cacheable({ consistency: 'session', scope: 'shared', owner: 'the test', tags: { cart: (id: string) => id } })
  @StaleTolerance({ max: '1m', because: 'the test says so' })
  async find(@Param('id') id: string): Promise<string> {
    loads += 1;
    return `cart ${id}, load ${loads}`;
  }

  @Post(':id')
  @CacheEvict({ tags: { cart: (id: string) => id } })
  async change(@Param('id') id: string): Promise<string> {
    return `changed ${id}`;
  }
}

describe('a ticket that is not one of ours', () => {
  const clock = new ManualClock();
  let app: NestExpressApplication;
  beforeEach(async () => {
    loads = 0;
    const testing = Test.createTestingModule({
      imports: [ConsistentCacheModule.forRoot({ topology: 'single-process', session: { carrier: 'header' } })],
      controllers: [CartController],
    });
    const compiled = await testing.overrideProvider(Clock).useValue(clock).compile();
    app = compiled.createNestApplication<NestExpressApplication>();
    await app.init();
  });
  afterEach(() => app.close());

  const visit = async (ticket?: string) => {
    clock.advance('1ms');
    const asking = request(app.getHttpServer()).get('/cart/1');
    const { status, text, headers } = await (ticket === undefined ? asking : asking.set('X-Cache-Session', ticket));

    return { status, text, ticket: headers['x-cache-session'] };
  };
  const rejected = () => app.get(CacheMetrics).storeFigures().ticketsRejected;

  it('that is, is gone on with', async () => {
    const first = await visit();
    expect(await visit(first.ticket)).toMatchObject({ text: 'cart 1, load 1' });
    expect(rejected()).toEqual({});
  });

  it.each([
    ['tampered with in its middle', (ticket: string) => changedAt(ticket, ticket.length / 2), 'forged'],
    ['tampered with at its end', (ticket: string) => changedAt(ticket, ticket.length - 2), 'forged'],
    ['cut off', (ticket: string) => ticket.slice(0, -5), 'forged'],
    ['grown', (ticket: string) => `${ticket}AAAA`, 'forged'],
    ['oversized', (ticket: string) => ticket.repeat(40), 'oversized'],
    ['text', () => 'admin', 'forged'],
    ['an object', () => '{"__proto__":{}}', 'forged'],
  ])('is ignored and counted when it is %s', async (_, damage, fault) => {
    const { ticket = '' } = await visit();
    const answer = await visit(damage(ticket));

    // A session that begins trusts nothing that was loaded before.
    expect(answer).toMatchObject({ status: 200, text: 'cart 1, load 2' });
    expect(rejected()).toEqual({ [fault]: 1 });
    expect(await visit(answer.ticket)).toMatchObject({ text: 'cart 1, load 2' });
  });

  it('is of another application, however valid there', async () => {
    const { ticket } = await visit();
    await app.close();
    const other = await Test.createTestingModule({
      imports: [ConsistentCacheModule.forRoot({ topology: 'single-process', session: { carrier: 'header' } })],
      controllers: [CartController],
    }).compile();
    app = other.createNestApplication<NestExpressApplication>();
    await app.init();
    await visit(ticket);

    expect(rejected()).toEqual({ forged: 1 });
  });
});

function changedAt(text: string, at: number): string {
  const index = Math.floor(at);

  return text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1);
}
