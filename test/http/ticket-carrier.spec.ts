import { describe, expect, it } from '@jest/globals';
import { CookieTicketCarrier, HeaderTicketCarrier } from '../../src/http/ticket-carrier.js';

type Value = string | string[];

/** As Node keeps headers: a name in any case, and each set replaces. */
function express(given: Record<string, Value> = {}, sent = false) {
  const headers = new Map<string, Value>(Object.entries(given));

  return {
    headers,
    headersSent: sent,
    getHeader: (name: string) => headers.get(name.toLowerCase()),
    setHeader: (name: string, value: Value) => headers.set(name.toLowerCase(), value),
  };
}

/** As Fastify keeps them: a Set-Cookie is added to those that are there. */
function fastify(given: Record<string, Value> = {}, sent = false) {
  const headers = new Map<string, Value>(Object.entries(given));

  return {
    headers,
    sent,
    getHeader: (name: string) => headers.get(name.toLowerCase()),
    removeHeader: (name: string) => headers.delete(name.toLowerCase()),
    header: (name: string, value: Value) => {
      const present = headers.get(name.toLowerCase());
      const adds = name.toLowerCase() === 'set-cookie' && present !== undefined;
      headers.set(name.toLowerCase(), adds ? [present, value].flat() : value);
    },
  };
}

const COOKIE = new CookieTicketCarrier('ncc-session', false);
const OURS = 'ncc-session=TICKET; Path=/; HttpOnly; SameSite=Lax';

describe('a cookie in a request', () => {
  it.each([
    ['alone', 'ncc-session=TICKET', 'TICKET'],
    ['among others', 'a=1; ncc-session=TICKET; b=2', 'TICKET'],
    ['without spaces between', 'a=1;ncc-session=TICKET;b=2', 'TICKET'],
    ['in quotes', 'ncc-session="TICKET"', 'TICKET'],
    ['twice', 'ncc-session=TICKET; ncc-session=OTHER', 'TICKET'],
    ['beside what looks like it', 'x-ncc-session=NO; a=ncc-session=NO; ncc-session=TICKET', 'TICKET'],
    ['of another name', 'ncc-sessions=NO', undefined],
    ['empty', 'ncc-session=', undefined],
    ['without a value', 'ncc-session', undefined],
    ['none at all', undefined, undefined],
  ])('%s', (_, cookie, ticket) => {
    expect(COOKIE.read({ headers: { cookie } })).toBe(ticket);
  });

  it.each([{}, { headers: {} }, { headers: { cookie: ['ncc-session=TICKET'] } }])('is none in %j', (request) => {
    expect(COOKIE.read(request)).toBeUndefined();
  });
});

describe.each([
  ['Express', express],
  ['Fastify', fastify],
])('a cookie on a response of %s', (_, made) => {
  it('is out of reach for scripts and other sites, and for other caches', () => {
    const response = made();
    COOKIE.write(response, 'TICKET');

    expect(Object.fromEntries(response.headers)).toEqual({ 'set-cookie': [OURS], 'cache-control': 'private' });
  });

  it('travels over HTTPS only, where that is declared', () => {
    const response = made();
    new CookieTicketCarrier('__Host-shop', true).write(response, 'TICKET');

    expect(response.headers.get('set-cookie')).toEqual(['__Host-shop=TICKET; Path=/; HttpOnly; SameSite=Lax; Secure']);
  });

  it.each([
    ['one other', 'a=1; Path=/', ['a=1; Path=/', OURS]],
    ['others', ['a=1', 'b=2'], ['a=1', 'b=2', OURS]],
    ['an earlier one of its own', ['a=1', 'ncc-session=OLD; Path=/'], ['a=1', OURS]],
    ['one with a longer name', ['ncc-session-id=1'], ['ncc-session-id=1', OURS]],
  ])('stands beside %s', (__, present, expected) => {
    const response = made({ 'set-cookie': present });
    COOKIE.write(response, 'TICKET');

    expect(response.headers.get('set-cookie')).toEqual(expected);
  });

  it('lets a stricter Cache-Control stand', () => {
    const response = made({ 'cache-control': 'no-store' });
    COOKIE.write(response, 'TICKET');

    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('is left out when the response has been sent', () => {
    const response = made({}, true);
    COOKIE.write(response, 'TICKET');

    expect(response.headers.size).toBe(0);
  });
});

describe('a header', () => {
  const header = new HeaderTicketCarrier('X-Cache-Session');

  it('is read whatever its case, and written as declared', () => {
    const response = express();
    header.write(response, 'TICKET');

    expect(header.read({ headers: { 'x-cache-session': 'TICKET' } })).toBe('TICKET');
    expect(Object.fromEntries(response.headers)).toEqual({ 'x-cache-session': 'TICKET', 'cache-control': 'private' });
  });

  it.each([undefined, ''])('is none when it is %p', (value) => {
    expect(header.read({ headers: { 'x-cache-session': value } })).toBeUndefined();
  });
});
