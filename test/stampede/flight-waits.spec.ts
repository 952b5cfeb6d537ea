import { expect, it } from '@jest/globals';
import { FlightWaits } from '../../src/stampede/flight-waits.js';
import { Deferred } from '../support/deferred.js';

it('a load that would wait for itself, or for one around it, closes a circle', () => {
  const waits = new FlightWaits();

  expect(waits.closesCircle(['a'], 'a')).toBe(true);
  expect(waits.closesCircle(['inner', 'outer'], 'outer')).toBe(true);
  expect(waits.closesCircle(['a'], 'b')).toBe(false);
  expect(waits.closesCircle([], 'a')).toBe(false);
});

it('waiting for a flight that waits, through others, for oneself closes a circle', async () => {
  const waits = new FlightWaits();
  const [b, c] = [new Deferred(), new Deferred()];
  const waiting = [waits.on(['a'], 'b', b.promise), waits.on(['b'], 'c', c.promise)];

  expect(waits.closesCircle(['c'], 'a')).toBe(true);
  expect(waits.closesCircle(['a'], 'c')).toBe(false);

  c.resolve();
  b.resolve();
  await Promise.all(waiting);
});

it('a wait that has ended, well or badly, is forgotten', async () => {
  const waits = new FlightWaits();
  await waits.on(['a'], 'b', Promise.resolve());
  await expect(waits.on(['a'], 'b', Promise.reject(new Error('down')))).rejects.toThrow('down');

  expect(waits.closesCircle(['b'], 'a')).toBe(false);
});

it('two waits of one load for one flight are two', async () => {
  const waits = new FlightWaits();
  const [first, second] = [new Deferred(), new Deferred()];
  const one = waits.on(['a'], 'b', first.promise);
  const other = waits.on(['a'], 'b', second.promise);

  first.resolve();
  await one;
  expect(waits.closesCircle(['b'], 'a')).toBe(true);

  second.resolve();
  await other;
  expect(waits.closesCircle(['b'], 'a')).toBe(false);
});

it('a circle elsewhere does not keep the question from ending', async () => {
  const waits = new FlightWaits();
  const never = new Deferred();
  const waiting = [waits.on(['a'], 'b', never.promise), waits.on(['b'], 'a', never.promise)];

  expect(waits.closesCircle(['c'], 'a')).toBe(false);

  never.resolve();
  await Promise.all(waiting);
});
