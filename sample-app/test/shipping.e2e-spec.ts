import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { TestShop, until } from './support/shop.js';

describe('Shipping rates (eventual, 2 s; 8 s when the carrier fails)', () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await TestShop.open();
  });
  afterEach(async () => {
    // Whatever became of the carrier: it is up again, and known to be.
    shop.carrier.mode = 'up';
    shop.clock.advance('1m');
    await ask(1).expect(200);
  });
  afterAll(() => shop.close());

  const ask = (grams: number) => shop.anybody.get(`/shipping/rates?country=DE&grams=${grams}`);
  const carrierCalls = async (action: () => PromiseLike<unknown>): Promise<number> => {
    const before = shop.carrier.requests;
    await action();

    return shop.carrier.requests - before;
  };

  it('the carrier is asked once in two seconds, however many customers ask us', async () => {
    const everybody = () => Promise.all(Array.from({ length: 30 }, () => ask(100).expect(200)));

    expect(await carrierCalls(everybody)).toBe(1);
    shop.clock.advance('1999ms');
    expect(await carrierCalls(everybody)).toBe(0);
    shop.clock.advance('2ms');
    expect(await carrierCalls(everybody)).toBe(1);
  });

  it('while the carrier is down, a rate up to eight seconds old is served and marked as stale, and after that the error', async () => {
    const { body: fresh } = await ask(200).expect(200);
    shop.carrier.mode = 'down';

    shop.clock.advance('7999ms');
    const stale = await ask(200).expect(200);
    expect(stale.body).toEqual(fresh);
    expect(stale.headers).toMatchObject({
      age: '7',
      'cache-status': 'nestjs-consistent-cache; hit; ttl=-6; detail="ShippingService.quote"',
    });

    shop.clock.advance('2ms');
    await ask(200).expect(503, /The carrier does not answer/);
  });

  it('customers notice nothing of a carrier that fails every other time', async () => {
    shop.carrier.mode = 'flaky';
    // The first answer may be one of the failures: there is nothing to fall back on yet.
    if ((await ask(300)).status === 503) await ask(300).expect(200);

    for (let second = 0; second < 10; second += 1) {
      shop.clock.advance('2001ms');
      await ask(300).expect(200);
    }
  });

  it('the rates are the carrier’s own again as soon as it recovers', async () => {
    const { body: before } = await ask(500).expect(200);
    shop.carrier.mode = 'down';
    shop.clock.advance('3s');
    await ask(500).expect(200, before);

    shop.carrier.mode = 'up';
    expect(await carrierCalls(() => ask(500).expect(200))).toBe(1);
  });

  it('a parcel that was never asked for has nothing to fall back on', async () => {
    shop.carrier.mode = 'down';

    await ask(600).expect(503, /The carrier does not answer/);
  });

  describe('a carrier that hangs', () => {
    it('costs the deadline of one second, and then nobody waits for it any more', async () => {
      shop.carrier.mode = 'hung';
      const answer = ask(400).then();
      await until(() => shop.carrier.open === 1);
      shop.clock.advance('1s');

      const { status, headers, body } = await answer;
      expect([status, headers['retry-after'], (body as { code: string }).code]).toEqual([504, '1', 'LOAD_TIMED_OUT']);
      // The signal has ended the request too.
      await until(() => shop.carrier.open === 0);
    });

    it('costs no more than that second where there is a rate of a moment ago', async () => {
      await ask(410).expect(200);
      shop.carrier.mode = 'hung';
      shop.clock.advance('3s');
      const answer = ask(410).then();
      await until(() => shop.carrier.open === 1);
      shop.clock.advance('1s');

      const stale = await answer;
      expect(stale.status).toBe(200);
      expect(stale.headers['cache-status']).toContain('ttl=-');
    });
  });

  it('a carrier that is overrun has four requests at once, eight wait, and the others are sent away', async () => {
    shop.carrier.mode = 'hung';
    shop.carrier.mostAtOnce = 0;
    const outcomes: string[] = [];
    const answers = Array.from({ length: 20 }, async (_, index) => {
      const { status, headers } = await ask(10_000 + index);
      outcomes.push(`${status} ${headers['retry-after'] ?? ''}`);
    });
    await until(() => outcomes.length === 8);
    expect(outcomes).toEqual(Array.from({ length: 8 }, () => '503 1'));

    // Those who wait do so for half a second, those who were let through for a whole one.
    shop.clock.advance('500ms');
    await until(() => outcomes.length === 16);
    expect(outcomes).toEqual(Array.from({ length: 16 }, () => '503 1'));
    shop.clock.advance('500ms');
    await Promise.all(answers);
    expect(outcomes.slice(16)).toEqual(Array.from({ length: 4 }, () => '504 1'));
    expect(shop.carrier.mostAtOnce).toBe(4);
  });

  it('a carrier that fails three times in a row is left alone for five seconds, and then tried again', async () => {
    shop.carrier.mode = 'down';
    for (const grams of [701, 702, 703]) await ask(grams).expect(503, /The carrier does not answer/);
    const retryAfter = async (): Promise<unknown> =>
      (await ask(704).expect(503, /ORIGIN_SUSPENDED/)).headers['retry-after'];

    const calls = await carrierCalls(async () => {
      expect(await retryAfter()).toBe('5');
      shop.clock.advance('4100ms');
      expect(await retryAfter()).toBe('1');
    });
    expect(calls).toBe(0);

    shop.carrier.mode = 'up';
    shop.clock.advance('900ms');
    expect(await carrierCalls(() => ask(704).expect(200))).toBe(1);
    await ask(705).expect(200);
  });

  it('says what is wrong with a request', async () => {
    await shop.anybody.get('/shipping/rates').expect(400, /country must be two capital letters/);
    await shop.anybody.get('/shipping/rates?country=DE&grams=0').expect(400, /grams must not be less than 1/);
    await shop.anybody.get('/shipping/rates?country=DE&grams=30001').expect(400, /grams must not be greater/);
  });
});
