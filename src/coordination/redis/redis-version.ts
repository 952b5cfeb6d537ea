import { randomBytes } from 'node:crypto';
import type { Version } from '../../entry/version-snapshot.js';
import type { Answer } from './redis-link.js';

let minted = 0;

/**
 * A version that was never used and will never be made again: `<epoch>.<seq>.<72 random bits>`.
 *
 * One for each attempt to write it. An attempt whose outcome is unknown may still land, and what it carries must not be
 * what somebody else has already read and seen replaced.
 */
export function freshVersion(epoch: string): Version {
  minted += 1;

  return `${epoch}.${minted.toString(36)}.${randomBytes(9).toString('base64url')}`;
}

/** The version in a reply; undefined when there is none, or one of another epoch, which a server may have remembered too long. */
export function versionIn({ value, epoch }: Answer<string | undefined>): Version | undefined {
  return value?.startsWith(epoch) === true && value[epoch.length] === '.' ? value : undefined;
}
