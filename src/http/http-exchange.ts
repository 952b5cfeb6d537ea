import type { CacheHeaders } from './cache-headers.js';
import { responseHeadersOf, restrictCaching } from './response-headers.js';

/** Sets the headers on a response of Express or Fastify that has not been sent yet; the application's own stricter word stands. */
export function writeCacheHeaders(response: unknown, { cacheStatus, age, cacheControl }: CacheHeaders): void {
  const headers = responseHeadersOf(response);
  if (headers === undefined) return;
  if (cacheStatus !== undefined) headers.set('Cache-Status', cacheStatus);
  if (age !== undefined) headers.set('Age', age);
  if (cacheControl !== undefined) restrictCaching(headers, cacheControl);
}
