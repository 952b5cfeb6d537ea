import { setTimeout as sleep } from 'node:timers/promises';
import type { Wallet } from '../../accounts/accounts.types.js';
import { History, total } from '../history.js';
import { count, fault, repeat, type Scene, setConditions } from '../scene.js';
import { accepted, type Visitor } from '../visitor.js';

const CUSTOMERS = ['c-0011', 'c-0012', 'c-0013'];
const DEPOSITS_PER_WINDOW = 8;
const AFTERMATH_MS = 500;

export const walletScene: Scene = {
  title: 'Wallets: @NoCache',
  promise: 'a balance is stored nowhere, not even in a browser',
  naively: 'wrap for 10 s, delete on deposit',

  async play(shop) {
    await setConditions(shop, { databaseLatencyMs: 40 });
    const parts = await Promise.all(CUSTOMERS.map((customer) => depositAndLook(shop.as(customer))));
    await setConditions(shop, { databaseLatencyMs: 0 });

    const { reads, behind } = total(parts.map(({ history }) => history.staleness()));
    const storable = parts.reduce((sum, part) => sum + part.storable, 0);

    return {
      figures: [
        ['looks at a balance', count(reads)],
        ['without the last deposit', count(behind)],
        ['that a browser or proxy may keep', count(storable)],
      ],
      broken: [
        ...fault(behind > 0, `${count(behind)} balances lacked an acknowledged deposit`),
        ...fault(storable > 0, `${count(storable)} balances were sent without Cache-Control: no-store`),
      ],
    };
  },
};

/** A customer deposits from two windows and looks at the balance in two more. */
async function depositAndLook(visitor: Visitor): Promise<{ history: History; storable: number }> {
  const before = accepted(await visitor.get<Wallet>('/me/wallet')).body.cents;
  const history = new History();
  let acknowledged = 0;
  let storable = 0;
  let isOver = false;

  const look = async () => {
    const answer = accepted(await visitor.get<Wallet>('/me/wallet'));
    history.read(answer.body.cents, answer);
    if (answer.headers.get('cache-control')?.includes('no-store') !== true) storable += 1;
  };
  const deposit = async () => {
    for (let deposits = 0; deposits < DEPOSITS_PER_WINDOW; deposits += 1) {
      const answer = accepted(await visitor.post('/me/wallet/deposits', { cents: 100 }));
      // Not what the answer says: it is a look at the balance like any other.
      acknowledged += 100;
      history.wrote(before + acknowledged, answer);
    }
  };
  const readers = [repeat(look, () => isOver), repeat(look, () => isOver)];
  await Promise.all([deposit(), deposit()]);
  await sleep(AFTERMATH_MS);
  isOver = true;
  await Promise.all(readers);

  return { history, storable };
}
