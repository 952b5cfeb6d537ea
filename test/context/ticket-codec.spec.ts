import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { SessionTicket } from '../../src/context/session-ticket.js';
import { decodeTicket, encodeTicket, MAX_TICKET_LENGTH } from '../../src/context/ticket-codec.js';

const SECRET = 'a secret of the application';
const EPOCH = 'run-1';

function ticketOf(build: (ticket: SessionTicket) => void): SessionTicket {
  const ticket = SessionTicket.begin(EPOCH, 1_790_000_000_000);
  build(ticket);

  return ticket;
}

function reread(text: string, secret = SECRET, epoch = EPOCH) {
  const decoded = decodeTicket(text, secret, epoch);

  return 'fault' in decoded ? decoded.fault : decoded.ticket.facts;
}

const someTicket = fc
  .array(
    fc.oneof(
      fc.record({ tag: fc.string(), atMs: fc.double({ min: 0, max: 2 ** 47, noNaN: true }) }),
      fc.record({
        key: fc.string(),
        nonce: fc.option(fc.string({ minLength: 1, unit: 'grapheme' }), { nil: undefined }),
        asOfMs: fc.double({ min: 0, max: 2 ** 47, noNaN: true }),
        loadMs: fc.nat(5_000),
      }),
    ),
    { maxLength: 200 },
  )
  .map((facts) =>
    ticketOf((ticket) => {
      for (const fact of facts) {
        if ('tag' in fact) ticket.wrote([fact.tag], fact.atMs);
        else ticket.saw(fact.key, { ...fact, loadEndMs: fact.asOfMs + fact.loadMs });
      }
    }),
  );

describe('a ticket', () => {
  it('comes back with everything that it knew, however much that was', () => {
    fc.assert(
      fc.property(someTicket, (ticket) => {
        const text = encodeTicket(ticket, SECRET);

        expect(text).toMatch(/^[\w-]+$/);
        expect(text.length).toBeLessThanOrEqual(MAX_TICKET_LENGTH);
        expect(reread(text)).toEqual(ticket.facts);
      }),
    );
  });

  it('holds some thirty values, or twice as many tags', () => {
    const values = ticketOf((ticket) => {
      for (let index = 0; index < 100; index++)
        ticket.saw(`key ${index}`, { nonce: `AbCdEf${100 + index}`, asOfMs: 2e12 + index, loadEndMs: 2e12 + index });
    });
    const tags = ticketOf((ticket) => {
      for (let index = 0; index < 100; index++) ticket.wrote([`tag ${index}`], 2e12 + index);
    });

    expect([values.facts.seen.size, tags.facts.written.size]).toEqual([31, 58]);
    expect(encodeTicket(tags, SECRET).length).toBeGreaterThan(950);
  });

  it('has not changed once it is read', () => {
    const decoded = decodeTicket(
      encodeTicket(
        ticketOf(() => undefined),
        SECRET,
      ),
      SECRET,
      EPOCH,
    );

    expect(decoded).toMatchObject({ ticket: { changed: false, epoch: EPOCH } });
  });
});

describe('a ticket that is not ours, or not whole', () => {
  const text = encodeTicket(
    ticketOf((ticket) => {
      ticket.wrote(['product'], 1_790_000_000_001);
    }),
    SECRET,
  );

  it('is refused when anything in it has been changed, or cut off', () => {
    const bytes = Buffer.from(text, 'base64url');
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      expect(reread(changed.toString('base64url'))).toBe('forged');
      expect(reread(bytes.subarray(0, index).toString('base64url'))).toBe('forged');
    }
  });

  it.each([
    ['nothing', '', 'forged'],
    ['something else', 'deleted', 'forged'],
    ['no text of ours', '"><script>', 'forged'],
    ['too much', text.padEnd(MAX_TICKET_LENGTH + 1, 'A'), 'oversized'],
    ['as much as there may be', 'A'.repeat(MAX_TICKET_LENGTH), 'forged'],
  ])('is refused when it is %s', (_, brought, fault) => {
    expect(reread(brought)).toBe(fault);
  });

  it('is refused when another application has signed it', () => {
    expect(reread(text, 'another secret')).toBe('forged');
  });

  it('is refused when the store has restarted', () => {
    expect(reread(text, SECRET, 'run-2')).toBe('other-epoch');
  });

  it('is refused when another release has written it', () => {
    const payload = Buffer.from([2, 1, 1]);
    const signature = createHmac('sha256', SECRET).update('session ticket:').update(payload).digest();

    expect(reread(Buffer.concat([payload, signature]).toString('base64url'))).toBe('unreadable');
  });
});
