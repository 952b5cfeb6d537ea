import { describe, expect, it } from '@jest/globals';
import { AuditFailedError } from '../../src/audit/audit-report.js';
import type { AuditedMethod, AuditSubject } from '../../src/audit/audit-rule.js';
import { auditDeclarations } from '../../src/audit/declaration-audit.js';
import type { MethodPlan } from '../../src/catalogue/method-plan.js';
import type { PolicyProblem } from '../../src/policy/policy.errors.js';
import { resolveEviction } from '../../src/policy/resolve-eviction.js';
import { resolvePolicy } from '../../src/policy/resolve-policy.js';
import type { ResolvedPolicy } from '../../src/policy/resolved-policy.js';

function policyOf(name: string, options: object = {}): ResolvedPolicy {
  return resolvePolicy({
    policy: { consistency: 'strong', scope: 'shared', owner: 'tests', tags: { product: () => 1 }, ...options },
    tolerance: undefined,
    classDefaults: {},
    moduleDefaults: {},
    defaultName: name,
    place: `@Cacheable on ${name}`,
    answersWithObservable: false,
    identityKnown: true,
    origins: new Set<string>(),
  }).resolved;
}

function methodOf(plan: Partial<MethodPlan>, rest: Partial<AuditedMethod> = {}): AuditedMethod {
  return {
    plan: { evictions: [], ...plan } as MethodPlan,
    problems: [],
    requestScoped: false,
    requestParameters: [],
    ...rest,
  };
}

const evicting = (policy: object): AuditedMethod =>
  methodOf({ evictions: [resolveEviction(policy, '@CacheEvict on Prices.change').resolved] });

function findingsOf(
  subject: Omit<AuditSubject, 'problems' | 'fedFamilies'> & Partial<AuditSubject>,
): readonly string[] {
  try {
    auditDeclarations({ problems: [], fedFamilies: [], ...subject });
    return [];
  } catch (error) {
    if (!(error instanceof AuditFailedError)) throw error;
    return error.findings.map(({ fault, place }) => `${fault} ${place}`);
  }
}

describe('the audit', () => {
  it('asks about a shared handler that takes from the request who sent it', () => {
    const of = (policy: object, requestParameters: readonly string[]) =>
      findingsOf({
        methods: [methodOf({ cached: policyOf('Prices.of', policy) }, { requestParameters })],
        policies: [],
      });

    expect(of({}, ['@Req()'])).toEqual(['shared-from-request-parameter @Cacheable on Prices.of']);
    expect(of({}, [])).toEqual([]);
    expect(of({ requestIndependent: 'it is only logged' }, ['@Req()'])).toEqual([]);
    expect(of({ scope: 'user' }, ['@Req()'])).toEqual([]);
  });

  it('finds nothing where a write evicts what a strong cache is made of', () => {
    expect(findingsOf({ methods: [evicting({ families: ['product'] })], policies: [policyOf('Prices.of')] })).toEqual(
      [],
    );
    expect(findingsOf({ methods: [evicting({ caches: ['Prices.of'] })], policies: [policyOf('Prices.of')] })).toEqual(
      [],
    );
  });

  it('finds a strong cache that nothing evicts, unless it says what does', () => {
    const found = ['strong-without-eviction @Cacheable on Prices.of'];

    expect(findingsOf({ methods: [], policies: [policyOf('Prices.of')] })).toEqual(found);
    expect(findingsOf({ methods: [], policies: [policyOf('Prices.of', { tags: undefined })] })).toEqual(found);
    expect(
      findingsOf({ methods: [], policies: [policyOf('Prices.of', { evictedElsewhere: 'by the import' })] }),
    ).toEqual([]);
  });

  it.each(['linearizable', 'strong', 'session'])('finds a %s promise over what other programs write', (consistency) => {
    const methods = [evicting({ families: ['product'] })];
    const found = ['external-writes @Cacheable on Prices.of'];
    const promise = policyOf('Prices.of', { consistency });

    expect(findingsOf({ methods, policies: [promise] })).toEqual([]);
    expect(findingsOf({ methods, policies: [promise], fedFamilies: ['product'] })).toEqual(found);
    expect(findingsOf({ methods, policies: [policyOf('Prices.of', { consistency, writes: 'external' })] })).toEqual(
      found,
    );
    // Another cache of the family says so.
    const other = policyOf('Prices.list', { consistency: 'bounded', writes: 'external' });
    expect(findingsOf({ methods, policies: [promise, other] })).toEqual(found);
  });

  it.each(['bounded', 'eventual', 'immutable'])(
    'lets other programs write what is %s, with a feed and without',
    (consistency) => {
      const policies = [policyOf('Prices.of', { consistency, writes: 'external' })];

      expect(findingsOf({ methods: [], policies })).toEqual([]);
      expect(findingsOf({ methods: [], policies, fedFamilies: ['product'] })).toEqual([]);
    },
  );

  it('finds a feed of what nobody caches', () => {
    const policies = [policyOf('Prices.of', { consistency: 'bounded' })];

    expect(findingsOf({ methods: [], policies, fedFamilies: ['prodcut'] })).toEqual([
      'nothing-to-evict externalWrites of ConsistentCacheModule',
    ]);
  });

  it('finds an eviction of what nobody caches', () => {
    const policies = [policyOf('Prices.of')];
    const methods = [evicting({ families: ['product', 'prodcut'], caches: ['Prices.off'] })];

    expect(findingsOf({ methods, policies })).toEqual([
      'nothing-to-evict @CacheEvict on Prices.change',
      'nothing-to-evict @CacheEvict on Prices.change',
    ]);
  });

  it('finds a shared cache on what is made anew for each request, unless it says why', () => {
    const of = (options: object): readonly string[] => {
      const cached = policyOf('Prices.of', { evictedElsewhere: 'by hand', ...options });
      return findingsOf({ methods: [methodOf({ cached }, { requestScoped: true })], policies: [cached] });
    };

    expect(of({})).toEqual(['shared-from-request-scope @Cacheable on Prices.of']);
    expect(of({ requestIndependent: 'it only logs' })).toEqual([]);
    expect(of({ scope: 'user' })).toEqual([]);
  });

  it('names everything at once, worst first, and how to mend it', () => {
    const fault = (name: PolicyProblem['fault']): PolicyProblem => ({
      fault: name,
      place: name,
      what: 'it is wrong',
      fix: 'mend it',
    });
    const problems = [
      fault('unknown-option'),
      fault('seconds-for-milliseconds'),
      fault('user-scope-without-key'),
      fault('unsupported-level'),
    ];
    const subject = { methods: [], policies: [], fedFamilies: [], problems };

    expect(findingsOf(subject).map((finding) => finding.split(' ')[0])).toEqual([
      'user-scope-without-key',
      'unsupported-level',
      'seconds-for-milliseconds',
      'unknown-option',
    ]);
    expect(() => {
      auditDeclarations(subject);
    }).toThrow(
      /for 4 reasons:[^]*1\. \[user-scope-without-key\][^]*4\. \[unknown-option\] unknown-option: it is wrong/,
    );
  });
});
