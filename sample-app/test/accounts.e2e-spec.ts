import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Wallet } from '../src/accounts/accounts.types.js';
import { bodyOf, TestShop } from './support/shop.js';

describe('Accounts (permissions linearizable, wallets never stored)', () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await TestShop.open();
  });
  afterAll(() => shop.close());

  const grant = (customer: string) => shop.as('staff').put(`/customers/${customer}/permissions/pricing:write`);
  const revoke = (customer: string) => shop.as('staff').delete(`/customers/${customer}/permissions/pricing:write`);
  const attempt = (customer: string) => shop.as(customer).put('/products/vase-0001/price').send({ cents: 1_000 });
  const wallet = (customer: string) => shop.as(customer).get('/me/wallet').expect(200);

  it('a permission holds from its grant to its revocation', async () => {
    await attempt('c-0001').expect(403, /c-0001 lacks the permission pricing:write/);

    await grant('c-0001').expect(204);
    await attempt('c-0001').expect(200);

    await revoke('c-0001').expect(204);
    await attempt('c-0001').expect(403);
  });

  it('a revoked permission is never honoured after the acknowledgement, not even by an answer still under way', async () => {
    await grant('c-0002').expect(204);
    const visitor = shop.as('c-0002');
    // Past the question who asks, so that the held answer is the one about permissions.
    const identified = shop.database.holdNextAnswer();
    const early = visitor.get('/me').then(({ body }) => body.permissions as string[]);
    await identified.hasLeft;
    const permissions = shop.database.holdNextAnswer();
    identified.release();
    await permissions.hasLeft;

    await revoke('c-0002').expect(204);
    permissions.release();

    expect(await early).toEqual(['pricing:write']);
    await attempt('c-0002').expect(403);
    expect((await visitor.get('/me').expect(200)).body.permissions).toEqual([]);
  });

  it('permissions come from the cache as long as nobody changes them', async () => {
    const me = () => shop.as('staff').get('/me').expect(200);
    await me();
    shop.clock.advance('50m');

    // The one trip is to find out who asks.
    expect(await shop.databaseTrips(me)).toBe(1);
    expect((await me()).headers['cache-control']).toBe('private');
  });

  it('a wallet is read from the database each time and may be kept nowhere', async () => {
    const trips = await shop.databaseTrips(async () => {
      await wallet('ada');
      await wallet('ada');
    });
    const { headers } = await wallet('ada');

    expect(trips).toBe(4);
    expect(headers['cache-control']).toBe('no-store');
  });

  it('a deposit shows in its own answer and in the next look', async () => {
    const { cents } = await bodyOf<Wallet>(wallet('grace'));
    await shop
      .as('grace')
      .post('/me/wallet/deposits')
      .send({ cents: 250 })
      .expect(201, { customerId: 'grace', cents: cents + 250 });

    expect(await bodyOf<Wallet>(wallet('grace'))).toEqual({ customerId: 'grace', cents: cents + 250 });
  });

  it('whoever registers has an empty wallet and no permissions', async () => {
    await shop.anybody.post('/customers').send({ id: 'alan', name: 'Alan' }).expect(201);

    expect((await wallet('alan')).body.cents).toBe(0);
    expect((await shop.as('alan').get('/me').expect(200)).body).toEqual({ id: 'alan', name: 'Alan', permissions: [] });
    await shop.anybody
      .post('/customers')
      .send({ id: 'alan', name: 'Al' })
      .expect(409, /alan is taken/);
  });

  it('says what is wrong with a request', async () => {
    await shop.anybody
      .post('/customers')
      .send({ id: 'A b', name: '' })
      .expect(400, /id must be 2 to 32/);
    await shop
      .as('ada')
      .post('/me/wallet/deposits')
      .send({ cents: -1 })
      .expect(400, /cents must not be less than 1/);
    await shop
      .as('staff')
      .put('/customers/ada/permissions/fly')
      .expect(400, /permission must be one of/);
    await shop
      .as('staff')
      .put('/customers/nobody/permissions/pricing:write')
      .expect(404, /No customer nobody/);
    await shop
      .as('ada')
      .put('/customers/ada/permissions/pricing:write')
      .expect(403, /accounts:write/);
    await shop.anybody.get('/me/wallet').expect(401);
  });
});
