import type { CacheHeaders } from './cache-headers.js';

/** The part of a response that Express and Fastify share in meaning, if not in name. */
interface ExpressResponse {
  readonly headersSent: boolean;
  getHeader(name: string): unknown;
  setHeader(name: string, value: string): unknown;
}

interface FastifyReply {
  readonly sent: boolean;
  getHeader(name: string): unknown;
  header(name: string, value: string): unknown;
}

/** Sets the headers on a response of Express or Fastify that has not been sent yet; the application's own stricter word stands. */
export function writeCacheHeaders(response: unknown, { cacheStatus, age, cacheControl }: CacheHeaders): void {
  const headers = headersOf(response);
  if (headers === undefined) return;
  if (cacheStatus !== undefined) headers.set('Cache-Status', cacheStatus);
  if (age !== undefined) headers.set('Age', age);
  if (cacheControl !== undefined && !isAsStrict(headers.get('Cache-Control'), cacheControl)) {
    headers.set('Cache-Control', cacheControl);
  }
}

interface Headers {
  get(name: string): unknown;
  set(name: string, value: string): unknown;
}

function headersOf(response: unknown): Headers | undefined {
  if (typeof response !== 'object' || response === null) return undefined;
  if ('setHeader' in response) {
    const express = response as ExpressResponse;
    if (express.headersSent) return undefined;
    return { get: (name) => express.getHeader(name), set: (name, value) => express.setHeader(name, value) };
  }
  if ('header' in response && 'sent' in response) {
    const fastify = response as FastifyReply;
    if (fastify.sent) return undefined;
    return { get: (name) => fastify.getHeader(name), set: (name, value) => fastify.header(name, value) };
  }

  return undefined;
}

function isAsStrict(present: unknown, wanted: 'no-store' | 'private'): boolean {
  if (typeof present !== 'string') return false;

  return present.includes('no-store') || (wanted === 'private' && present.includes('private'));
}
