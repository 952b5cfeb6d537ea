import { setTimeout as sleep } from 'node:timers/promises';
import { count, fault, type Scene, setConditions, staff } from '../scene.js';
import { accepted, type Visitor } from '../visitor.js';

const CUSTOMERS = Array.from({ length: 40 }, (_, index) => `c-02${String(index).padStart(2, '0')}`);
const AT_ONCE = 10;
const ATTEMPTS_EACH = 2;
const LATENCY_MS = 50;

/**
 * Forty helpers have been away, so no cache knows what they may do. Each comes back at about the moment when staff takes
 * the permission away, and tries again once it is gone.
 */
export const permissionScene: Scene = {
  title: 'Permissions: linearizable',
  promise: 'a permission is never honoured again once its revocation was acknowledged',
  naively: 'wrap for 60 s, delete on change',

  async play(shop) {
    await Promise.all(CUSTOMERS.map(async (customer) => accepted(await staff(shop).put(permissionOf(customer)))));
    await setConditions(shop, { databaseLatencyMs: LATENCY_MS });
    const letIn: number[] = [];
    for (let from = 0; from < CUSTOMERS.length; from += AT_ONCE) {
      const some = CUSTOMERS.slice(from, from + AT_ONCE);
      letIn.push(...(await Promise.all(some.map((customer) => revokeAndTry(shop, customer)))));
    }
    await setConditions(shop, { databaseLatencyMs: 0 });

    const attempts = letIn.reduce((sum, each) => sum + each, 0);

    return {
      figures: [
        ['helpers whose permission was revoked', count(CUSTOMERS.length)],
        ['attempts after that', count(CUSTOMERS.length * ATTEMPTS_EACH)],
        ['let in all the same', count(attempts)],
      ],
      broken: fault(attempts > 0, `${count(attempts)} attempts were let in after the revocation`),
    };
  },
};

const permissionOf = (customer: string): string => `/customers/${customer}/permissions/inventory:write`;

/** @returns how many attempts were let in after the revocation was acknowledged */
async function revokeAndTry(shop: Visitor, customer: string): Promise<number> {
  const attempt = () => shop.as(customer).post('/products/desk-0001/receipts', { quantity: 1 });

  const comesBack = sleep(Math.random() * 2 * LATENCY_MS).then(attempt);
  accepted(await staff(shop).delete(permissionOf(customer)));
  const attempts = await Promise.all(Array.from({ length: ATTEMPTS_EACH }, attempt));
  await comesBack;

  return attempts.filter(({ status }) => status === 201).length;
}
