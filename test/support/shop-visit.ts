import { setTimeout as sleep } from 'node:timers/promises';
import type { Cart } from '../../sample-app/src/cart/cart.types.js';
import type { Stock } from '../../sample-app/src/inventory/inventory.types.js';
import type { Conditions } from '../../sample-app/src/operations/operations.types.js';
import type { Price } from '../../sample-app/src/pricing/pricing.types.js';
import { RegisterHistory } from './register-history.js';
import type { ShopDatabase } from './shop-database-client.js';
import type { ShopInstance } from './shop-instances.js';
import { Shopper, type ShopAnswer } from './shopper.js';
import { withinMs } from './within.js';

/*
 * Everything that can be read and written, on all instances at the same time, while something happens to them. What comes
 * of it is a history for each promise.
 */

const PERMISSIONS = ['accounts:write', 'catalog:write', 'inventory:write', 'pricing:write'] as const;
const LEASE_MS = 10_000;
/** Nothing has changed, says the shop. */
const REFUSED = 503;
const BREATH_MS = 20;
const STOCK_WRITERS = 2;

/** What became of the reads, whatever they were of. */
export interface Readings {
  answered: number;
  hits: number;
  slowestMs: number;
  /** The slowest answer that needs neither store nor database: what the machine itself made wait. */
  slowestBesideMs: number;
  /** Reads that ended with an error of the shop or of the connection. */
  readonly failed: string[];
}

/** Writes that the shop did not confirm, by the code that it gave. */
export type Unconfirmed = Map<string, number>;

export interface Visit {
  readonly permissions: RegisterHistory;
  readonly stock: RegisterHistory;
  readonly changedPrice: RegisterHistory;
  readonly importedPrice: RegisterHistory;
  readonly carts: { readonly looks: number; readonly faults: readonly string[] };
  readonly readings: Readings;
  readonly unconfirmed: Unconfirmed;
  /** Writes that were refused, and changed the database all the same. */
  readonly refusedButDone: readonly string[];
  /** How often the instances went to their database for all of it. */
  readonly databaseTrips: number;
}

/** What has happened until now, of what there must be enough before it says anything. */
export interface VisitSoFar {
  permissions?: RegisterHistory;
  stock?: RegisterHistory;
  looksAtCart: number;
}

/** What one visit is about; two visits to the same shop need different ones. */
export interface Topics {
  /** How many look at each thing on each instance. With more than one they share loads, and keep the machine busy. */
  readonly readersPerInstance: number;
  readonly customer: string;
  readonly buyer: string;
  readonly product: string;
}

interface Stage extends Topics {
  readonly instances: readonly ShopInstance[];
  readonly database: ShopDatabase;
  readonly readings: Readings;
  readonly unconfirmed: Unconfirmed;
  readonly refusedButDone: string[];
  readonly isOver: () => boolean;
  readonly soFar: VisitSoFar;
}

/** Reads and writes everything, until `whatHappens` has happened. */
export async function visitShops(
  instances: readonly ShopInstance[],
  database: ShopDatabase,
  topics: Topics,
  whatHappens: (soFar: VisitSoFar) => Promise<unknown>,
): Promise<Visit> {
  let isOver = false;
  const readings: Readings = { answered: 0, hits: 0, slowestMs: 0, slowestBesideMs: 0, failed: [] };
  const unconfirmed: Unconfirmed = new Map();
  const refusedButDone: string[] = [];
  const isOverNow = () => isOver;
  const soFar: VisitSoFar = { looksAtCart: 0 };
  const stage: Stage = {
    ...topics,
    instances,
    database,
    readings,
    unconfirmed,
    refusedButDone,
    isOver: isOverNow,
    soFar,
  };
  const tripsBefore = await databaseTrips(instances);

  const visiting = Promise.all([
    usePermissions(stage),
    useStock(stage),
    usePrice(stage, `${topics.product}-0001`, 'change'),
    usePrice(stage, `${topics.product}-0002`, 'import'),
    useCart(stage),
    ...instances.map((at) => beside(stage, at)),
  ]);
  try {
    await Promise.race([whatHappens(soFar), visiting]);
  } finally {
    isOver = true;
  }
  const [permissions, stock, changedPrice, importedPrice, carts] = await visiting;

  return {
    permissions,
    stock,
    changedPrice,
    importedPrice,
    carts,
    readings,
    unconfirmed,
    refusedButDone,
    databaseTrips: (await databaseTrips(instances)) - tripsBefore,
  };
}

/**
 * Until permissions come from the caches. A Redis that has just started may not know of writes that were announced to the one
 * before it, so linearizable reads store nothing for the ten seconds that an announcement lasts.
 */
export async function untilCached(instances: readonly ShopInstance[], customer: string): Promise<void> {
  for (const at of instances) {
    await withinMs(LEASE_MS + 3_000, async () => {
      const { cacheStatus } = await new Shopper(customer).get(at, '/me');
      return cacheStatus.includes('; hit');
    });
  }
}

/** Asks what can be answered from memory, to tell what the caches make wait from what a busy machine does. */
async function beside(stage: Stage, at: ShopInstance): Promise<void> {
  const { readings } = stage;
  await repeat(stage, async () => {
    const { askedAtMs, answeredAtMs } = await new Shopper().get(at, '/operations/conditions');
    readings.slowestBesideMs = Math.max(readings.slowestBesideMs, answeredAtMs - askedAtMs);
  });
}

async function databaseTrips(instances: readonly ShopInstance[]): Promise<number> {
  const all = await Promise.all(instances.map((at) => new Shopper().get<Conditions>(at, '/operations/conditions')));

  return all.reduce((sum, { body }) => sum + body.database.roundTrips, 0);
}

/** Each step grants or revokes one permission, so that a state comes back only after sixteen. */
async function usePermissions(stage: Stage): Promise<RegisterHistory> {
  const { database, customer } = stage;
  const stateIn = async () => (await database.permissionsOf(customer)).join();
  const history = new RegisterHistory(await stateIn());
  stage.soFar.permissions = history;
  const staff = new Shopper('staff');
  let steps = 0;

  const write = async () => {
    const permission = PERMISSIONS[Math.min(3, Math.log2((steps + 1) & -(steps + 1)))] ?? PERMISSIONS[0];
    const path = `/customers/${customer}/permissions/${permission}`;
    const before = await stateIn();
    const answer = await (before.includes(permission) ? staff.delete(one(stage), path) : staff.put(one(stage), path));
    const value = await stateIn();
    const isConfirmed = noteWrite(stage, answer);
    if (isConfirmed && value === before) throw new Error('a confirmed change of permissions changed nothing');
    if (value === before) return;
    if (answer.status === REFUSED) stage.refusedButDone.push(`${before} became ${value}`);

    steps += 1;
    const acknowledgedAtMs = isConfirmed ? answer.answeredAtMs : Infinity;
    history.wrote({ order: steps, value, begunAtMs: answer.askedAtMs, acknowledgedAtMs });
  };
  const readers = readersOf(stage, '/me', customer, history, (body) =>
    (body as { readonly permissions: readonly string[] }).permissions.toSorted().join(),
  );
  await Promise.all([repeat(stage, write), ...readers]);

  return history;
}

/** Deliveries at several docks at once. Each makes one more, so the number says in which order they were committed. */
async function useStock(stage: Stage): Promise<RegisterHistory> {
  const sku = `${stage.product}-0001`;
  const before = await stage.database.stockOf(sku);
  const history = new RegisterHistory(String(before));
  stage.soFar.stock = history;
  const acknowledged = new Set<number>();
  let firstInDoubtMs = Infinity;

  const deliver = async () => {
    const answer = await new Shopper('staff').post<Stock>(one(stage), `/products/${sku}/receipts`, { quantity: 1 });
    if (!noteWrite(stage, answer)) {
      firstInDoubtMs = Math.min(firstInDoubtMs, answer.askedAtMs);
      return;
    }
    const { available } = answer.body;
    acknowledged.add(available);
    history.wrote({
      order: available,
      value: String(available),
      begunAtMs: answer.askedAtMs,
      acknowledgedAtMs: answer.answeredAtMs,
    });
  };
  const readers = readersOf(stage, `/products/${sku}/stock`, undefined, history, (body) =>
    String((body as Stock).available),
  );
  const docks = Array.from({ length: STOCK_WRITERS }, () => repeat(stage, deliver, 2 * BREATH_MS));
  await Promise.all([...docks, ...readers]);

  const after = await stage.database.stockOf(sku);
  for (let value = before + 1; value <= after; value += 1) {
    if (acknowledged.has(value)) continue;
    history.wrote({
      order: value,
      value: String(value),
      begunAtMs: firstInDoubtMs,
      acknowledgedAtMs: Infinity,
    });
  }

  return history;
}

async function usePrice(stage: Stage, sku: string, how: 'change' | 'import'): Promise<RegisterHistory> {
  const { database } = stage;
  let cents = await database.priceOf(sku);
  const history = new RegisterHistory(String(cents));
  const staff = new Shopper('staff');

  const write = async () => {
    cents += 1;
    const at = one(stage);
    const answer = await (how === 'change'
      ? staff.put(at, `/products/${sku}/price`, { cents })
      : staff.post(at, '/prices/import', { prices: [{ sku, cents }] }));
    const isConfirmed = noteWrite(stage, answer);
    if (!isConfirmed && (await database.priceOf(sku)) !== cents) return;
    const acknowledgedAtMs = isConfirmed ? answer.answeredAtMs : Infinity;
    history.wrote({ order: cents, value: String(cents), begunAtMs: answer.askedAtMs, acknowledgedAtMs });
  };
  const readers = readersOf(stage, `/products/${sku}/price`, undefined, history, (body) =>
    String((body as Price).cents),
  );
  await Promise.all([repeat(stage, write, 400), ...readers]);

  return history;
}

/** One customer with a phone, which fills the cart, and a laptop, which looks at it; each request at any instance. */
async function useCart(stage: Stage): Promise<Visit['carts']> {
  const sku = `${stage.product}-0003`;
  const [phone, laptop] = [new Shopper(stage.buyer), new Shopper(stage.buyer)];
  const faults: string[] = [];
  let looks = 0;
  let quantity = 0;
  let seenOnLaptop = 0;

  const lookWith = async (shopper: Shopper): Promise<{ readonly seen: number; readonly answer: ShopAnswer<Cart> }> => {
    const answer = await shopper.get<Cart>(one(stage), '/cart');
    noteRead(stage.readings, answer, 'GET /cart');
    looks += 1;
    stage.soFar.looksAtCart = looks;

    return { seen: answer.body.lines.find((line) => line.sku === sku)?.quantity ?? 0, answer };
  };
  const fill = async () => {
    quantity += 1;
    const written = await phone.put(one(stage), `/cart/${sku}`, { quantity });
    // Whether or not its eviction could be confirmed: the customer has been answered, and may look.
    noteWrite(stage, written);
    for (let look = 0; look < 3; look += 1) {
      const { seen, answer } = await lookWith(phone);
      if (seen !== quantity) {
        faults.push(`saw ${seen} after writing ${quantity} (${written.status}; ${answer.cacheStatus})`);
      }
    }
  };
  const look = async () => {
    const { seen, answer } = await lookWith(laptop);
    if (seen < seenOnLaptop) faults.push(`went back from ${seenOnLaptop} to ${seen} (${answer.cacheStatus})`);
    seenOnLaptop = seen;
  };
  await Promise.all([repeat(stage, fill), repeat(stage, look)]);

  return { looks, faults };
}

function readersOf(
  stage: Stage,
  path: string,
  customer: string | undefined,
  history: RegisterHistory,
  valueOf: (body: unknown) => string,
): readonly Promise<void>[] {
  const everywhere = Array.from({ length: stage.readersPerInstance }, () => stage.instances).flat();

  return everywhere.map((at, index) => {
    const by = `instance ${index % stage.instances.length}`;

    return repeat(stage, async () => {
      const answer = await new Shopper(customer).get(at, path);
      if (!noteRead(stage.readings, answer, `GET ${path} on ${by}`)) return;
      const { askedAtMs, answeredAtMs, body, cacheStatus } = answer;
      const isHit = cacheStatus.includes('; hit');
      history.read({ value: valueOf(body), askedAtMs, answeredAtMs, by: `${by} (${cacheStatus})`, isHit });
    });
  });
}

function noteRead(readings: Readings, answer: ShopAnswer<unknown>, what: string): boolean {
  const tookMs = answer.answeredAtMs - answer.askedAtMs;
  readings.slowestMs = Math.max(readings.slowestMs, tookMs);
  if (answer.status !== 200) {
    readings.failed.push(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return false;
  }
  readings.answered += 1;
  if (answer.cacheStatus.includes('; hit')) readings.hits += 1;

  return true;
}

/** @returns whether the shop confirmed it; anything but a failure of its store is a fault of the test */
function noteWrite({ unconfirmed }: Stage, { status, body }: ShopAnswer<unknown>): boolean {
  if (status < 300) return true;
  const { code } = body as { readonly code?: string };
  if (code === undefined) throw new Error(`a write ended with ${status}: ${JSON.stringify(body)}`);
  unconfirmed.set(code, (unconfirmed.get(code) ?? 0) + 1);

  return false;
}

async function repeat({ isOver }: Stage, action: () => Promise<void>, pauseMs = BREATH_MS): Promise<void> {
  while (!isOver()) {
    await action();
    await sleep(pauseMs * 2 * Math.random());
  }
}

function one({ instances }: Stage): ShopInstance {
  const at = instances[Math.floor(Math.random() * instances.length)];
  if (at === undefined) throw new Error('there is no instance');

  return at;
}
