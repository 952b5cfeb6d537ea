import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { SHORT_NAME_END } from '../entry/subject.js';
import type { Subject } from '../entry/subject.js';
import { tenantTag, userTag } from '../entry/tag.js';

/** How many callers' subjects are remembered, so that a hit does not pay for hashing. */
const REMEMBERED_SUBJECTS = 10_000;

/**
 * Turns users and tenants into keyed hashes, so that what names the owner of an entry in a store or event is no user's id, and
 * no crafted id can be mistaken for another: 144 bits of HMAC-SHA-256. However an id is written, `1` or `'1'`, it is the same user's.
 */
export class Subjects {
  private readonly secret: string | Buffer;
  private readonly users = new LRUCache<string, Subject>({ max: REMEMBERED_SUBJECTS });
  private readonly tenants = new LRUCache<string, Subject>({ max: REMEMBERED_SUBJECTS });
  private readonly members = new LRUCache<string, Subject>({ max: REMEMBERED_SUBJECTS });
  private named = 0;

  /** @param secret must be the same wherever a store is shared; drawn at random when absent */
  constructor(secret: string | undefined) {
    this.secret = secret ?? randomBytes(32);
  }

  /** A user outside any tenant. */
  ofUser(user: string | number): Subject {
    const name = String(user);
    const known = this.users.get(name);
    if (known !== undefined) return known;

    const id = this.hash('u', name);
    const subject = { id, shortName: this.nextName(), tags: [userTag(id)] };
    this.users.set(name, subject);

    return subject;
  }

  ofTenant(tenant: string | number): Subject {
    const name = String(tenant);
    const known = this.tenants.get(name);
    if (known !== undefined) return known;

    const id = this.hash('t', name);
    const subject = { id, shortName: this.nextName(), tags: [tenantTag(id)] };
    this.tenants.set(name, subject);

    return subject;
  }

  /** The same user in two tenants is two subjects. */
  ofUserIn(tenant: string | number, user: string | number): Subject {
    const outer = this.ofTenant(tenant);
    const inner = this.ofUser(user);
    const id = `${outer.id}.${inner.id}`;
    const known = this.members.get(id);
    if (known !== undefined) return known;

    const member = { id, shortName: this.nextName(), tags: [...inner.tags, ...outer.tags] };
    this.members.set(id, member);

    return member;
  }

  private nextName(): string {
    this.named += 1;

    return this.named.toString(36) + SHORT_NAME_END;
  }

  private hash(kind: 'u' | 't', id: string): string {
    return createHmac('sha256', this.secret).update(`${kind}${id}`, 'utf16le').digest('base64url').slice(0, 24);
  }
}
