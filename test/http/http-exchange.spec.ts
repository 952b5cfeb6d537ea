import { describe, expect, it } from '@jest/globals';
import { writeCacheHeaders } from '../../src/http/http-exchange.js';

const WANTED = { cacheStatus: 'status', age: '1', cacheControl: 'private' } as const;

function express(sent = false, given: Record<string, string> = {}) {
  const headers = new Map(Object.entries(given));

  return {
    headers,
    headersSent: sent,
    getHeader: (name: string) => headers.get(name),
    setHeader: (name: string, value: string) => headers.set(name, value),
  };
}

function fastify(sent = false) {
  const headers = new Map<string, string>();

  return {
    headers,
    sent,
    getHeader: (name: string) => headers.get(name),
    header: (name: string, value: string) => headers.set(name, value),
  };
}

describe.each([
  ['Express', express],
  ['Fastify', fastify],
])('a response of %s', (_, made) => {
  it('gets the headers', () => {
    const response = made();
    writeCacheHeaders(response, WANTED);

    expect(Object.fromEntries(response.headers)).toEqual({
      'Cache-Status': 'status',
      Age: '1',
      'Cache-Control': 'private',
    });
  });

  it('that was sent is left alone', () => {
    const response = made(true);
    writeCacheHeaders(response, WANTED);

    expect(response.headers.size).toBe(0);
  });

  it('gets none that say nothing', () => {
    const response = made();
    writeCacheHeaders(response, { cacheStatus: undefined, age: undefined, cacheControl: undefined });

    expect(response.headers.size).toBe(0);
  });
});

describe("the application's own Cache-Control", () => {
  it.each([
    ['no-store', 'private', 'no-store'],
    ['private, max-age=5', 'private', 'private, max-age=5'],
    ['private', 'no-store', 'no-store'],
    ['public, max-age=60', 'private', 'private'],
  ] as const)('%p beside %p becomes %p', (own, wanted, expected) => {
    const response = express(false, { 'Cache-Control': own });
    writeCacheHeaders(response, { ...WANTED, cacheControl: wanted });

    expect(response.headers.get('Cache-Control')).toBe(expected);
  });
});

it.each([undefined, null, 'response', {}])('what is no response is left alone: %p', (response) => {
  expect(() => {
    writeCacheHeaders(response, WANTED);
  }).not.toThrow();
});
