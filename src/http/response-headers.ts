/** The part of a response that Express and Fastify share in meaning, if not in name. */
interface ExpressResponse {
  readonly headersSent: boolean;
  getHeader(name: string): unknown;
  setHeader(name: string, value: string | readonly string[]): unknown;
}

interface FastifyReply {
  readonly sent: boolean;
  getHeader(name: string): unknown;
  removeHeader(name: string): unknown;
  header(name: string, value: string | readonly string[]): unknown;
}

/** The headers of a response that has not been sent yet. */
export interface ResponseHeaders {
  get(name: string): unknown;
  /** Replaces what is there. */
  set(name: string, value: string | readonly string[]): void;
}

/** The headers of a response of Express or Fastify; undefined when it was sent, or is of neither. */
export function responseHeadersOf(response: unknown): ResponseHeaders | undefined {
  if (typeof response !== 'object' || response === null) return undefined;
  if ('setHeader' in response) {
    const express = response as ExpressResponse;
    if (express.headersSent) return undefined;
    return { get: (name) => express.getHeader(name), set: (name, value) => void express.setHeader(name, value) };
  }
  if ('header' in response && 'sent' in response) {
    const fastify = response as FastifyReply;
    if (fastify.sent) return undefined;
    return {
      get: (name) => fastify.getHeader(name),
      set: (name, value) => {
        // Fastify adds a Set-Cookie to those that are there; anything else it replaces.
        if (name === 'Set-Cookie') fastify.removeHeader(name);
        fastify.header(name, value);
      },
    };
  }

  return undefined;
}

/** Keeps other caches from sharing the response; the application's own stricter word stands. */
export function restrictCaching(headers: ResponseHeaders, wanted: 'no-store' | 'private'): void {
  const present = headers.get('Cache-Control');
  if (!isAsStrict(present, wanted)) headers.set('Cache-Control', wanted);
}

function isAsStrict(present: unknown, wanted: 'no-store' | 'private'): boolean {
  if (typeof present !== 'string') return false;

  return present.includes('no-store') || (wanted === 'private' && present.includes('private'));
}
