import { createHash } from 'node:crypto';
import { storeKey } from '../../entry/cache-key.js';

/**
 * Printable ASCII without space, without the braces that mark the part of a key by which a cluster places it, and without
 * `~`, which only digested tags contain.
 */
const PLAIN = /^[\x21-\x7a|]{1,120}$/;
const UNREADABLE = /[^\x21-\x7a|]/g;
const READABLE_PREFIX_LENGTH = 40;

/** Where the version of a tag lies. No two tags share a key. */
export function versionKey(namespace: string, tag: string): string {
  return `${versionPrefix(namespace)}{${plainTag(tag)}}`;
}

/** What the keys of all versions, and no others, begin with. */
export function versionPrefix(namespace: string): string {
  return `${namespace}:v:`;
}

/** Where announced writes of a tag lie: on the node of its version, so that one connection keeps their order. */
export function intentKey(namespace: string, tag: string): string {
  return `${namespace}:i:{${plainTag(tag)}}`;
}

/** Where the lease to load this id lies. */
export function leaseKey(namespace: string, id: string): string {
  return `${namespace}:l:${storeKey(id)}`;
}

/** Where it lies which store it is. */
export function storeIdKey(namespace: string): string {
  return `${namespace}:store:`;
}

function plainTag(tag: string): string {
  if (PLAIN.test(tag)) return tag;

  const readable = tag.slice(0, READABLE_PREFIX_LENGTH).replace(UNREADABLE, '_');
  // UTF-16, not UTF-8: encoding a lone surrogate as UTF-8 turns every one of them into the same U+FFFD.
  return `${readable}~${createHash('sha256').update(tag, 'utf16le').digest('hex')}`;
}
