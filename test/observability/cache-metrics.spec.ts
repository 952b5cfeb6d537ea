import { describe, expect, it } from '@jest/globals';
import type { CacheEvent } from '../../src/observability/cache-event.js';
import { CacheMetrics } from '../../src/observability/cache-metrics.js';
import { CacheEvents } from '../../src/observability/event-channel.js';
import { logRefusals } from '../../src/observability/refusal-log.js';

const about = { policy: 'prices', key: 'k', subject: undefined };
const EVENTS: readonly CacheEvent[] = [
  { type: 'entry-served', ...about, outcome: 'hit', ageMs: 1 },
  { type: 'entry-served', ...about, outcome: 'stale', ageMs: 1 },
  { type: 'entry-missed', ...about, because: 'absent' },
  { type: 'load-joined', ...about },
  {
    type: 'load-finished',
    ...about,
    loadMs: 30,
    stored: true,
    notStoredBecause: undefined,
    madeOf: ['stock', 'rates'],
  },
  { type: 'load-failed', ...about, because: 'origin', loadMs: 10, error: new Error('down') },
  { type: 'load-failed', ...about, because: 'timed-out', loadMs: 20, error: new Error('late') },
  { type: 'load-failed', ...about, because: 'overloaded', loadMs: 0, error: new Error('busy') },
  { type: 'load-failed', ...about, because: 'suspended', loadMs: 0, error: new Error('down') },
  { type: 'load-slow', ...about, loadMs: 30, slowAfterMs: 20 },
  { type: 'refresh-begun', ...about, because: 'expires-early' },
  { type: 'refresh-failed', ...about, error: new Error('down') },
  { type: 'origin-suspended', origin: 'carrier', cause: new Error('down') },
  { type: 'origin-resumed', origin: 'carrier', suspendedMs: 500 },
  { type: 'read-bypassed', policy: 'prices', because: 'condition' },
  { type: 'read-refused', policy: 'prices', because: 'caller-missing', error: undefined },
  { type: 'wrong-entry', ...about, mismatch: 'key' },
  { type: 'store-failed', policy: 'prices', operation: 'find', cause: new Error('down') },
  { type: 'tags-evicted', by: 'write', tags: ['a'] },
  { type: 'eviction-widened', by: 'write', family: 'product', error: new Error('no id') },
  { type: 'eviction-failed', by: 'write', error: new Error('down') },
  { type: 'eviction-owed', tags: ['a', 'b'] },
  { type: 'eviction-owed', tags: ['c', 'd'] },
  { type: 'eviction-settled', tags: ['a', 'b', 'c'] },
  { type: 'write-refused', by: 'write', cause: new Error('down') },
  { type: 'write-degraded', by: 'write', because: 'declared', cause: new Error('down') },
  { type: 'intent-lost', by: 'write' },
  { type: 'store-suspended', cause: new Error('hung') },
  { type: 'store-resumed', suspendedMs: 700 },
  { type: 'connection-dropped' },
  { type: 'ticket-rejected', because: 'forged' },
  { type: 'eviction-relayed', tags: ['vprice'] },
  { type: 'eviction-unrecorded', tags: ['vprice'] },
  { type: 'feed-restarted', because: 'no-position', families: ['price'] },
  { type: 'relay-suspended', source: 'outbox', cause: 'down' },
  { type: 'relay-suspended', source: 'external-writes', cause: 'down' },
  { type: 'relay-resumed', source: 'outbox', suspendedMs: 5 },
];

describe('the figures', () => {
  it('count each event where it belongs', () => {
    const events = new CacheEvents();
    const metrics = new CacheMetrics(events);
    for (const event of EVENTS) events.publish(event);

    expect(metrics.figures()).toEqual({
      prices: {
        hit: 1,
        stale: 1,
        miss: 1,
        joined: 1,
        loads: 3,
        loadErrors: 4,
        loadsTimedOut: 1,
        loadsRejected: 2,
        loadMsTotal: 60,
        loadMsMax: 30,
        loadMsP50: expect.closeTo(20, 0),
        loadMsP99: expect.closeTo(30, 0),
        slowLoads: 1,
        madeOf: ['rates', 'stock'],
        refreshes: 1,
        refreshErrors: 1,
        bypass: 1,
        refused: 1,
        refusals: { 'caller-missing': 1 },
        wrongEntries: 1,
        storeErrors: 1,
      },
    });
    expect(metrics.evictionFigures()).toEqual({
      evictions: 1,
      widened: 1,
      failed: 1,
      owed: 1,
      refused: 1,
      degraded: 1,
      intentsLost: 1,
      relayed: 1,
      unrecorded: 1,
      feedRestarts: 1,
      relaysSuspended: 1,
    });
    expect(metrics.storeFigures()).toEqual({
      suspended: 1,
      suspendedMsTotal: 700,
      connectionsDropped: 1,
      ticketsRejected: { forged: 1 },
    });
  });

  it('are a copy, and zero for a cache that was never read', () => {
    const events = new CacheEvents();
    const metrics = new CacheMetrics(events);
    const before = metrics.figuresOf('prices');
    events.publish({ type: 'load-joined', ...about });

    expect(before.joined).toBe(0);
    expect(metrics.figuresOf('prices').joined).toBe(1);
  });
});

describe('the log', () => {
  it('says once for each policy and reason that calls are not cached', () => {
    const events = new CacheEvents();
    const said: string[] = [];
    logRefusals(events, { warn: (message) => said.push(message) });
    for (const event of [...EVENTS, ...EVENTS]) events.publish(event);

    expect(said.filter((message) => message.includes('is not cached'))).toHaveLength(1);
    expect(said.filter((message) => message.includes('without its store'))).toHaveLength(1);
    expect(said.filter((message) => message.includes('whole family'))).toHaveLength(1);
  });

  it('says each time that an entry was another caller’s, and that an eviction failed', () => {
    const events = new CacheEvents();
    const said: string[] = [];
    logRefusals(events, { warn: (message) => said.push(message) });
    for (const event of [...EVENTS, ...EVENTS]) events.publish(event);

    expect(said.filter((message) => message.startsWith('SECURITY'))).toHaveLength(4);
    expect(said.filter((message) => message.includes('An eviction by write failed'))).toHaveLength(2);
  });
});
