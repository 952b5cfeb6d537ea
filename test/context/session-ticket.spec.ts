import { describe, expect, it } from '@jest/globals';
import { SessionTicket } from '../../src/context/session-ticket.js';
import type { CacheEntry } from '../../src/entry/cache-entry.js';

const EPOCH = 'run-1';
const PRICE = 'price of sku-1';

function entry(asOfMs: number, { nonce = `at ${asOfMs}`, tags = ['product'], key = PRICE } = {}) {
  return {
    key,
    nonce,
    asOfMs,
    loadEndMs: asOfMs + 10,
    snapshot: { tags, versions: tags.map(() => 'v') },
  } satisfies Partial<CacheEntry>;
}

/** A session that began long before. */
function session(roomBytes?: number): SessionTicket {
  return SessionTicket.restore(EPOCH, { begunMs: 1, foldedMs: 0, written: new Map(), seen: new Map() }, roomBytes);
}

describe('a session that begins', () => {
  it('takes nothing that was loaded before, since it may be one whose ticket was lost', () => {
    const ticket = SessionTicket.begin(EPOCH, 1_000);

    expect(ticket.accepts(entry(1_000))).toBe('before-own-write');
    expect(ticket.accepts(entry(1_001))).toBe('ok');
  });

  it('takes again what it has loaded itself, although its clock may have been ahead', () => {
    const ticket = SessionTicket.begin(EPOCH, 1_000.2);
    const loaded = entry(1_000.3);
    ticket.saw(PRICE, loaded);

    expect(ticket.accepts(loaded)).toBe('ok');
    expect(ticket.accepts({ ...loaded, nonce: 'another' })).toBe('before-own-write');
  });

  it('has to be sent to its caller', () => {
    expect(SessionTicket.begin(EPOCH, 1_000).changed).toBe(true);
    expect(session().changed).toBe(false);
  });
});

describe('a write', () => {
  it('outdates for its writer what was loaded before, under each of its tags', () => {
    const ticket = session();
    ticket.wrote(['stock', 'product'], 500);

    expect(ticket.accepts(entry(500))).toBe('before-own-write');
    expect(ticket.accepts(entry(501))).toBe('ok');
    expect(ticket.accepts(entry(500, { tags: ['category', 'stock'] }))).toBe('before-own-write');
    expect(ticket.accepts(entry(499, { tags: ['category'] }))).toBe('ok');
  });

  it('outdates what its writer has seen before', () => {
    const ticket = session();
    ticket.saw(PRICE, entry(100));
    ticket.wrote(['product'], 500);

    expect(ticket.accepts(entry(100))).toBe('before-own-write');
  });

  it('counts from the next whole millisecond, and never from an earlier one than before', () => {
    const ticket = session();
    ticket.wrote(['product'], 500.1);
    ticket.wrote(['product'], 400);

    expect(ticket.accepts(entry(501))).toBe('before-own-write');
    expect(ticket.accepts(entry(501.1))).toBe('ok');
  });
});

describe('a value that was seen', () => {
  it('may be seen again, and so may what was loaded after it', () => {
    const ticket = session();
    ticket.saw(PRICE, entry(100));

    expect(ticket.accepts(entry(100))).toBe('ok');
    expect(ticket.accepts(entry(110, { nonce: 'overlapping' }))).toBe('behind-last-seen');
    expect(ticket.accepts(entry(111))).toBe('ok');
  });

  it('counts until the next whole millisecond', () => {
    const ticket = session();
    ticket.saw(PRICE, { nonce: undefined, asOfMs: 100, loadEndMs: 110.1 });

    expect(ticket.accepts(entry(111))).toBe('behind-last-seen');
    expect(ticket.accepts(entry(111.1))).toBe('ok');
  });

  it('says nothing of other keys', () => {
    const ticket = session();
    ticket.saw('another key', entry(100));

    expect(ticket.accepts(entry(50))).toBe('ok');
  });

  it('in no entry lets none pass that was loaded before its end', () => {
    const ticket = session();
    ticket.saw(PRICE, { nonce: undefined, asOfMs: 100, loadEndMs: 110 });

    expect(ticket.accepts(entry(109))).toBe('behind-last-seen');
  });

  it('changes nothing when it is seen again', () => {
    const first = session();
    first.saw(PRICE, entry(100));
    const ticket = SessionTicket.restore(EPOCH, first.facts);
    ticket.saw(PRICE, entry(100));

    expect(ticket.changed).toBe(false);
  });

  it('beside another, as old, lets neither pass again', () => {
    const ticket = session();
    ticket.saw(PRICE, entry(100));
    ticket.saw(PRICE, entry(95));

    expect([entry(100), entry(95), entry(109)].map((each) => ticket.accepts(each))).toEqual(
      Array(3).fill('behind-last-seen'),
    );
    expect(ticket.accepts(entry(111))).toBe('ok');
  });

  it('with a nonce that is too long to remember is not recognised', () => {
    const ticket = session();
    const seen = entry(100, { nonce: 'n'.repeat(41) });
    ticket.saw(PRICE, seen);

    expect(ticket.accepts(seen)).toBe('behind-last-seen');
  });
});

describe('a ticket that is full', () => {
  /** Room for two written tags. */
  const ROOM = 24;

  it('forgets the oldest write, and refuses everything before it', () => {
    const ticket = session(ROOM);
    ticket.wrote(['b'], 200);
    ticket.wrote(['a'], 100);
    ticket.wrote(['c'], 300);

    expect(ticket.facts.foldedMs).toBe(100);
    expect(ticket.facts.written.size).toBe(2);
    expect(ticket.accepts(entry(100, { tags: [] }))).toBe('before-own-write');
    expect(ticket.accepts(entry(101, { tags: ['a'] }))).toBe('ok');
    expect(ticket.accepts(entry(199, { tags: ['b'] }))).toBe('before-own-write');
  });

  it('forgets the oldest value seen, with what it allowed', () => {
    const ticket = SessionTicket.begin(EPOCH, 150, ROOM);
    ticket.saw(PRICE, entry(100, { nonce: 'n' }));
    ticket.wrote(['a', 'b'], 200);

    expect(ticket.facts.seen.size).toBe(0);
    expect(ticket.accepts(entry(100, { nonce: 'n' }))).toBe('before-own-write');
  });

  it('does not take in what it would forget at once', () => {
    const ticket = session(ROOM);
    ticket.wrote(['a', 'b', 'c'], 300);
    ticket.wrote(['d'], 300);
    ticket.saw(PRICE, entry(200));

    expect(ticket.facts).toMatchObject({ foldedMs: 300, written: new Map(), seen: new Map() });
  });
});
