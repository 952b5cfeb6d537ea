import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LEVELS } from '../../src/policy/consistency-level.js';
import { resolvePolicy } from '../../src/policy/resolve-policy.js';
import type { PolicyDeclaration } from '../../src/policy/resolve-policy.js';
import type { StaleTolerancePolicy } from '../../src/policy/stale-tolerance.js';

const because = 'agreed with Pricing';

function declared(
  policy: object,
  tolerance?: Partial<StaleTolerancePolicy>,
  rest: Partial<PolicyDeclaration> = {},
): PolicyDeclaration {
  return {
    policy: { scope: 'shared', owner: 'pricing', ...policy },
    tolerance: tolerance && { because, ...tolerance },
    classDefaults: {},
    moduleDefaults: {},
    defaultName: 'Pricing.of',
    place: '@Cacheable on Pricing.of',
    answersWithObservable: false,
    identityKnown: false,
    origins: new Set<string>(),
    ...rest,
  };
}

const faultsOf = (declaration: PolicyDeclaration): readonly string[] =>
  resolvePolicy(declaration).problems.map(({ fault }) => fault);

describe('a declaration that holds', () => {
  it('leaves nothing to default, and every time in milliseconds', () => {
    const { resolved, problems } = resolvePolicy(declared({ consistency: 'bounded' }, { max: '5s', onError: '2m' }));

    expect(problems).toEqual([]);
    expect(resolved).toMatchObject({
      name: 'Pricing.of',
      ttlMs: 5_000,
      maxStalenessMs: 5_000,
      onErrorMs: 120_000,
      values: 'frozen',
      onMissingUser: 'bypass',
      returns: 'promise',
      because,
      demand: { maxStalenessMs: 5_000, guarantee: 'any' },
    });
  });

  it.each([
    ['strong', {}, 3_600_000, Infinity, { maxStalenessMs: Infinity, guarantee: 'strong' }],
    ['immutable', {}, 86_400_000, Infinity, { maxStalenessMs: 0, guarantee: 'strong' }],
    ['eventual', { ttl: '1m' }, 60_000, 60_000, { maxStalenessMs: 60_000, guarantee: 'any' }],
  ] as const)('%s has its own ttl and demand', (consistency, options, ttlMs, maxStalenessMs, demand) => {
    const { resolved } = resolvePolicy(declared({ consistency, ...options }));

    expect(resolved).toMatchObject({ ttlMs, maxStalenessMs, demand });
  });

  it('takes from the method before the class, and from the class before the module', () => {
    const { resolved } = resolvePolicy(
      declared({ consistency: 'eventual', ttl: '1s', owner: undefined }, undefined, {
        classDefaults: { ttl: '2s', values: 'copied' },
        moduleDefaults: { owner: 'the module', scope: 'tenant', levels: { eventual: { ttl: '3s' } } },
      }),
    );

    expect(resolved).toMatchObject({ ttlMs: 1_000, values: 'copied', owner: 'the module', scope: 'shared' });
  });

  it("caps the module's ttl by the policy's own bound", () => {
    const moduleDefaults = { levels: { bounded: { ttl: '1m' as const } } };

    expect(resolvePolicy(declared({ consistency: 'bounded' }, { max: '5s' }, { moduleDefaults }))).toMatchObject({
      problems: [],
      resolved: { ttlMs: 5_000 },
    });
  });

  it('keeps names and versions apart in keys', () => {
    const prefixes = [
      { name: 'a' },
      { name: 'a', version: 1 },
      { name: 'a', version: '11' },
      { name: 'a@1:1' },
      { name: 'ab' },
    ].map((policy) => resolvePolicy(declared({ consistency: 'strong', ...policy })).resolved.keyPrefix);

    for (const one of prefixes) {
      expect(prefixes.filter((other) => other.startsWith(one))).toEqual([one]);
    }
  });

  it('allows strong to say that it tolerates nothing', () => {
    expect(faultsOf(declared({ consistency: 'strong' }, { max: 0 }))).toEqual([]);
  });
});

describe('a declaration that does not', () => {
  it.each<[string, PolicyDeclaration, string]>([
    ['no level', declared({}), 'missing-declaration'],
    ['no scope', declared({ consistency: 'strong', scope: undefined }), 'missing-declaration'],
    ['no owner', declared({ consistency: 'strong', owner: undefined }), 'missing-declaration'],
    ['bounded without a bound', declared({ consistency: 'bounded' }), 'missing-declaration'],
    ['bounded with max: 0', declared({ consistency: 'bounded', ttl: '1s' }, { max: 0 }), 'contradiction'],
    ['strong with a bound', declared({ consistency: 'strong' }, { max: '1s' }), 'contradiction'],
    ['strong with onError', declared({ consistency: 'strong' }, { onError: '1m' }), 'contradiction'],
    ['immutable with a bound', declared({ consistency: 'immutable' }, { max: '1s' }), 'contradiction'],
    ['eventual without ttl', declared({ consistency: 'eventual' }), 'missing-declaration'],
    ['eventual with a bound', declared({ consistency: 'eventual', ttl: '1m' }, { max: '1s' }), 'contradiction'],
    ['a ttl of 0', declared({ consistency: 'eventual', ttl: 0 }), 'contradiction'],
    ['a ttl past the bound', declared({ consistency: 'bounded', ttl: '6s' }, { max: '5s' }), 'contradiction'],
    ['onError within the bound', declared({ consistency: 'bounded' }, { max: '5s', onError: '5s' }), 'contradiction'],
    ['seconds for milliseconds', declared({ consistency: 'eventual', ttl: 999 }), 'seconds-for-milliseconds'],
    ['no reason', declared({ consistency: 'bounded' }, { max: '5s', because: ' ' }), 'missing-declaration'],
    ['a ttl without a unit', declared({ consistency: 'eventual', ttl: '60' }), 'invalid-option'],
    ['a negative ttl', declared({ consistency: 'eventual', ttl: -1 }), 'invalid-option'],
    ['an unknown option', declared({ consistency: 'strong', tll: '1m' }), 'unknown-option'],
    ['an unknown level', declared({ consistency: 'sequential' }), 'invalid-option'],
    ['an unknown scope', declared({ consistency: 'strong', scope: 'everyone' }), 'invalid-option'],
    ['a key that is no function', declared({ consistency: 'strong', key: 'sku' }), 'invalid-option'],
    ['a tag that is no function', declared({ consistency: 'strong', tags: { product: 'sku' } }), 'invalid-option'],
    ['user scope, nobody known', declared({ consistency: 'strong', scope: 'user' }), 'user-scope-without-key'],
    ['tenant scope, nobody known', declared({ consistency: 'strong', scope: 'tenant' }), 'user-scope-without-key'],
    ['a userKey under shared', declared({ consistency: 'strong', userKey: () => 1 }), 'contradiction'],
    ['a tenantKey under shared', declared({ consistency: 'strong', tenantKey: () => 1 }), 'contradiction'],
  ])('is refused: %s', (_, declaration, fault) => {
    expect(faultsOf(declaration)).toContain(fault);
  });

  it('counts a bare number from 1000 as meant', () => {
    expect(faultsOf(declared({ consistency: 'eventual', ttl: 1_000 }))).toEqual([]);
  });

  it('names every fault at once, each with its place and its fix', () => {
    const { problems } = resolvePolicy(declared({ consistency: 'eventual', owner: '', values: 'shared', tll: 1 }));

    expect(problems).toHaveLength(4);
    for (const { place, what, fix } of problems) {
      expect(place).toBe('@Cacheable on Pricing.of');
      expect(what).not.toMatch(/\.$/);
      expect(fix).not.toBe('');
    }
  });
});

const anything = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
  fc.constantFrom(Symbol('s'), () => 1, Map),
);
const duration = fc.oneof(
  fc.constantFrom('5s', '1m', '1h', '0s', '10', 'forever', 0, 5, 5_000, -1, NaN, Infinity),
  anything,
);
const policies = fc.record(
  {
    consistency: fc.oneof(fc.constantFrom(...Object.keys(LEVELS)), anything),
    scope: fc.oneof(fc.constantFrom('shared', 'tenant', 'user'), anything),
    owner: fc.oneof(fc.constant('pricing'), anything),
    ttl: duration,
    tags: fc.oneof(fc.constant({ product: () => 1 }), anything),
    name: fc.oneof(fc.string(), anything),
    version: fc.oneof(fc.integer(), anything),
    key: anything,
    userKey: anything,
    codecs: fc.oneof(fc.constant([]), anything),
    values: anything,
    evictedElsewhere: anything,
    returns: anything,
  },
  { requiredKeys: [] },
);
const tolerances = fc.option(fc.record({ max: duration, onError: duration, because: anything }, { requiredKeys: [] }), {
  nil: undefined,
});

const time = fc.constantFrom(undefined, 0, 5, '0s', '1s', '5s', '1m', '1h', 5_000);
const plausible = fc.record({
  consistency: fc.constantFrom(...(Object.keys(LEVELS) as (keyof typeof LEVELS)[])),
  ttl: time,
  max: time,
  onError: time,
});

describe('whatever is declared', () => {
  it('resolving it never throws', () => {
    fc.assert(
      fc.property(policies, tolerances, (policy, tolerance) => {
        resolvePolicy(declared(policy, tolerance as Partial<StaleTolerancePolicy> | undefined));
      }),
      { numRuns: 1_000 },
    );
  });

  it('what resolves without a problem contradicts nothing', () => {
    fc.assert(
      fc.property(plausible, ({ consistency, ttl, max, onError }) => {
        const tolerance = max === undefined && onError === undefined ? undefined : { max, onError };
        const { resolved, problems } = resolvePolicy(
          declared({ consistency, ttl }, tolerance as Partial<StaleTolerancePolicy> | undefined),
        );
        if (problems.length > 0) return;

        const { ttlMs, maxStalenessMs, onErrorMs } = resolved;
        expect(ttlMs).toBeGreaterThan(0);
        if (LEVELS[consistency].tolerance === 'forbidden') {
          expect([maxStalenessMs, onErrorMs]).toEqual([Infinity, 0]);
        } else {
          expect(ttlMs).toBeLessThanOrEqual(maxStalenessMs);
          expect(Number.isFinite(maxStalenessMs)).toBe(true);
          expect(onErrorMs === 0 || onErrorMs > maxStalenessMs).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
