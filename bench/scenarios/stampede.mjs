/**
 * 1,000 callers on a cold key. The origin holds its answer back until every caller has asked and the event loop has
 * turned, so each caller has had its chance to load; what is timed is all the work around the one answer.
 */
import { setImmediate } from 'node:timers/promises';
import { allContenders } from '../contenders/all.mjs';
import { report } from '../harness/child.mjs';
import { productText } from '../harness/sample-products.mjs';

const CALLERS = 1000;
/** Long enough for a contender that awaits several things before it asks the origin. */
const TURNS = 5;

export async function stampede({ bytes, rounds, withOurs = true }) {
  const text = productText('sku-10000', bytes);
  const entrants = [];
  for (const contender of await allContenders({ withOurs })) {
    const origin = new HeldOrigin(text);
    const read = await contender.setUp((sku) => origin.load(sku), { maxEntries: 10_000 });
    entrants.push({ name: contender.name, ours: contender.ours ?? false, origin, read, loads: [], milliseconds: [] });
  }

  const warmUpRounds = 5;
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    for (let i = 0; i < entrants.length; i++) {
      const entrant = entrants[(round + i) % entrants.length];
      globalThis.gc?.({ type: 'minor' });
      const { loads, milliseconds } = await rush(entrant, `sku-${round}`);
      if (round < warmUpRounds) continue;
      entrant.loads.push(loads);
      entrant.milliseconds.push(milliseconds);
    }
  }

  return entrants.map(({ name, ours, loads, milliseconds }) => ({ name, ours, loads, milliseconds }));
}

async function rush({ read, origin }, sku) {
  origin.hold();
  const startedAt = process.hrtime.bigint();
  const answers = [];
  for (let caller = 0; caller < CALLERS; caller++) answers.push(read(sku));
  for (let turn = 0; turn < TURNS; turn++) await setImmediate();
  origin.answer();
  await Promise.all(answers);

  return { loads: origin.loads, milliseconds: Number(process.hrtime.bigint() - startedAt) / 1e6 };
}

class HeldOrigin {
  constructor(text) {
    this.text = text;
  }

  hold() {
    this.loads = 0;
    this.answered = new Promise((resolve) => {
      this.answer = resolve;
    });
  }

  async load() {
    this.loads++;
    await this.answered;
    return JSON.parse(this.text);
  }
}

await report(stampede);
