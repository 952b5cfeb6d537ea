import { describe, expect, it } from '@jest/globals';
import { LoadTrace } from '../../src/context/load-trace.js';
import type { Belonging, ReadTrace } from '../../src/context/load-trace.js';
import type { ConsistencyLevel } from '../../src/policy/consistency-level.js';
import { EMPTY_SNAPSHOT } from '../../src/entry/version-snapshot.js';

const SHARED: Belonging = { scope: 'shared', subject: undefined };
const ANN: Belonging = { scope: 'user', subject: 'ann' };
const BOB: Belonging = { scope: 'user', subject: 'bob' };
const ACME: Belonging = { scope: 'tenant', subject: 'acme' };
const OTHER: Belonging = { scope: 'tenant', subject: 'other' };

const snapshot = (tag: string, version = 'v1') => ({ tags: [tag], versions: [version] });
const load = (belonging = SHARED, parent?: LoadTrace, level: ConsistencyLevel = 'strong'): LoadTrace =>
  new LoadTrace('flight', belonging, 1_000, snapshot('own'), parent, level);
const read = (rest: Partial<ReadTrace> = {}): ReadTrace => ({
  ...SHARED,
  cache: 'inner',
  level: 'strong',
  asOfMs: 1_000,
  snapshot: snapshot('inner'),
  taint: undefined,
  ...rest,
});

describe('a load that reads', () => {
  it('names each cache that it has read, once', () => {
    const trace = load();
    expect(trace.madeOf).toEqual([]);
    for (const cache of ['price', 'stock', 'price']) trace.absorb(read({ cache }));
    trace.close();
    trace.absorb(read({ cache: 'too late' }));

    expect(trace.madeOf).toEqual(['price', 'stock']);
  });

  it('is as old as the oldest of what it read', () => {
    const trace = load();
    trace.absorb(read({ asOfMs: 700 }));
    trace.absorb(read({ asOfMs: 900 }));

    expect(trace.asOfMs).toBe(700);
  });

  it('is no younger than its own start', () => {
    const trace = load();
    trace.absorb(read({ asOfMs: 5_000 }));

    expect(trace.asOfMs).toBe(1_000);
  });

  it('carries the versions of what it read beside its own', () => {
    const trace = load();
    trace.absorb(read());

    expect(trace.snapshot).toEqual({ tags: ['own', 'inner'], versions: ['v1', 'v1'] });
    expect(trace.taint).toBeUndefined();
  });

  it('is tainted when one tag stands in two of its reads under different versions', () => {
    const trace = load();
    trace.absorb(read({ snapshot: snapshot('own', 'v2') }));

    expect(trace.taint).toBe('versions-changed');
  });

  it('is tainted by what carries no versions', () => {
    const trace = load();
    trace.absorb(read({ snapshot: undefined }));

    expect(trace.taint).toBe('untracked-read');
  });

  it('keeps the first of several taints', () => {
    const trace = load();
    trace.mark('no-cache-read');
    trace.mark('identity-read');

    expect(trace.taint).toBe('no-cache-read');
  });

  it('takes nothing in once it has ended', () => {
    const trace = load();
    trace.close();
    trace.absorb(read({ asOfMs: 1, taint: 'identity-read' }));
    trace.mark('no-cache-read');

    expect([trace.asOfMs, trace.taint, trace.snapshot]).toEqual([1_000, undefined, snapshot('own')]);
  });
});

describe('what belongs to somebody', () => {
  it.each<[string, Belonging, Belonging, boolean]>([
    ["everybody's in everybody's", SHARED, SHARED, true],
    ["a user's in everybody's", SHARED, ANN, false],
    ["a tenant's in everybody's", SHARED, ACME, false],
    ["a user's in that user's", ANN, ANN, true],
    ["a user's in another's", ANN, BOB, false],
    ["a tenant's in a user's", ANN, ACME, true],
    ["a user's in a tenant's", ACME, ANN, false],
    ["a tenant's in that tenant's", ACME, ACME, true],
    ["a tenant's in another's", ACME, OTHER, false],
  ])('may be part of an entry: %s', (_, outer, inner, may) => {
    const trace = load(outer);
    trace.absorb(read(inner));

    expect(trace.taint).toBe(may ? undefined : 'narrower-scope-read');
  });

  it.each<[string, Belonging, Belonging['scope'] | undefined]>([
    ['shared', SHARED, 'shared'],
    ['tenant', ACME, 'tenant'],
    ['user', ANN, undefined],
  ])('taints by the identity that it read: %s', (_, belonging, tainted) => {
    const trace = load(belonging);
    trace.markIdentityRead();

    expect(trace.taint).toBe(tainted === undefined ? undefined : 'identity-read');
  });

  it('taints a shared load alone by the tenant that it read', () => {
    for (const [belonging, taint] of [
      [SHARED, 'identity-read'],
      [ACME, undefined],
      [ANN, undefined],
    ] as const) {
      const trace = load(belonging);
      trace.markTenantRead();
      expect(trace.taint).toBe(taint);
    }
  });

  it.each(['identity-read', 'narrower-scope-read'] as const)(
    'passes %s on to all but the entries of a user',
    (taint) => {
      const [shared, tenants, users] = [load(SHARED), load(ACME), load(ANN)];
      for (const trace of [shared, tenants, users]) trace.absorb(read({ taint }));

      expect([shared.taint, tenants.taint, users.taint]).toEqual(['identity-read', 'identity-read', undefined]);
      expect(users.snapshot.tags).toEqual(['own', 'inner']);
    },
  );

  it.each(['no-cache-read', 'untracked-read', 'versions-changed'] as const)('passes %s on to everybody', (taint) => {
    const trace = load(ANN);
    trace.absorb(read({ taint }));

    expect(trace.taint).toBe(taint);
  });
});

describe('a linearizable load', () => {
  it.each(['strong', 'session', 'bounded', 'eventual'] as const)(
    'keeps nothing that it made of a %s read, whose writes are not announced',
    (level) => {
      const trace = load(SHARED, undefined, 'linearizable');
      trace.absorb(read({ level }));

      expect(trace.taint).toBe('weaker-level-read');
    },
  );

  it.each(['linearizable', 'immutable'] as const)('may be made of %s reads', (level) => {
    const trace = load(SHARED, undefined, 'linearizable');
    trace.absorb(read({ level }));

    expect(trace.taint).toBeUndefined();
  });
});

describe('a load during an announced write', () => {
  it('passes that on to whoever is made of it', () => {
    const trace = load();
    trace.absorb(read({ taint: 'write-announced' }));

    expect(trace.taint).toBe('write-announced');
  });

  it.each(['identity-read', 'narrower-scope-read', 'no-cache-read'] as const)(
    'is nobody else’s all the same after %s, whichever came first',
    (taint) => {
      const before = load();
      before.mark(taint);
      before.mark('write-announced');
      const after = load();
      after.mark('write-announced');
      after.mark(taint);

      expect([before.taint, after.taint]).toEqual([taint, taint]);
    },
  );
});

describe('loads within loads', () => {
  const named = (id: string, parent?: LoadTrace): LoadTrace =>
    new LoadTrace(id, SHARED, 0, EMPTY_SNAPSHOT, parent, 'strong');

  it('wait together', () => {
    expect(named('inner', named('middle', named('outer'))).flightIds()).toEqual(['inner', 'middle', 'outer']);
  });

  it('wait no longer for what has ended', () => {
    const outer = named('outer');
    const middle = named('middle', outer);
    const inner = named('inner', middle);
    middle.close();

    expect(named('late', middle).flightIds()).toEqual(['late', 'outer']);
    inner.close();
    outer.close();
    expect(named('later', inner).flightIds()).not.toContain('inner');
  });
});
