import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { TestShop } from './support/shop.js';

describe('Shipping rates (eventual, 2 s; 8 s when the carrier fails)', () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await TestShop.open();
  });
  afterEach(() => {
    shop.carrier.mode = 'up';
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

  it('a carrier that takes longer than a second counts as failing', async () => {
    await ask(400).expect(200);
    shop.carrier.mode = 'slow';
    shop.clock.advance('3s');

    const stale = await ask(400).expect(200);
    expect(stale.headers['cache-status']).toContain('ttl=-');
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

  it('says what is wrong with a request', async () => {
    await shop.anybody.get('/shipping/rates').expect(400, /country must be two capital letters/);
    await shop.anybody.get('/shipping/rates?country=DE&grams=0').expect(400, /grams must not be less than 1/);
    await shop.anybody.get('/shipping/rates?country=DE&grams=30001').expect(400, /grams must not be greater/);
  });
});
