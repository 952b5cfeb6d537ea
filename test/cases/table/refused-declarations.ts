import type { AuditFault, CacheablePolicy, EvictPolicy, StaleTolerancePolicy } from 'nestjs-consistent-cache';

/** One declaration that must not start, and what its author is told. */
export interface RefusedDeclaration {
  readonly title: string;
  readonly cached?: CacheablePolicy;
  readonly tolerance?: StaleTolerancePolicy;
  readonly evicts?: readonly EvictPolicy[];
  readonly fault: AuditFault;
  /** Part of what is wrong, and part of how to mend it. */
  readonly what: string;
  readonly fix: string;
  /** Where, when it is not the cached method. */
  readonly on?: 'the method that evicts';
}

/** What a row declares that does not say otherwise. */
export const SOUND = { consistency: 'immutable', scope: 'shared', owner: 'the test' } as const;
export const BECAUSE = 'the test says so';

class Money {
  cents = 0;
}

/** Another class of the same name, as two modules may have. */
const OtherMoney = (() => {
  class Money {
    euros = 0;
  }
  return Money;
})();

/** What a declaration cannot mean. Options that the compiler refuses as well are cast: not every user has the compiler. */
export const REFUSED: readonly RefusedDeclaration[] = [
  // Whose data it is
  {
    title: "scope 'user' with nothing that tells the user",
    cached: { scope: 'user' },
    fault: 'user-scope-without-key',
    what: "scope 'user' needs to know whose data it is",
    fix: 'Add userKey to the policy, or identity to the options of ConsistentCacheModule',
  },
  {
    title: "scope 'tenant' with nothing that tells the tenant",
    cached: { scope: 'tenant' },
    fault: 'user-scope-without-key',
    what: "scope 'tenant' needs to know whose data it is",
    fix: 'Add tenantKey',
  },
  {
    title: "userKey beside scope 'shared'",
    cached: { userKey: () => 'ada' },
    fault: 'contradiction',
    what: "userKey is declared, but scope is 'shared'",
    fix: "Declare scope: 'user', or remove userKey",
  },
  {
    title: "tenantKey beside scope 'user'",
    cached: { scope: 'user', userKey: () => 'ada', tenantKey: () => 'north' },
    fault: 'contradiction',
    what: "tenantKey is declared, but scope is 'user'",
    fix: "Declare scope: 'tenant', or remove tenantKey",
  },
  // What evicts it
  {
    title: 'strong that nothing could evict',
    cached: { consistency: 'strong' },
    fault: 'strong-without-eviction',
    what: 'no @CacheEvict names it, and it has no tags',
    fix: 'Add @CacheEvict to the methods that write it, or say in evictedElsewhere',
  },
  {
    title: 'strong whose families no write names',
    cached: { consistency: 'strong', tags: { shelf: () => 'top' } },
    fault: 'strong-without-eviction',
    what: 'no @CacheEvict names its families (shelf)',
    fix: 'Add @CacheEvict',
  },
  {
    title: 'an eviction of a value in a family that nobody caches',
    evicts: [{ tags: { prodct: () => 'sku' } }],
    fault: 'nothing-to-evict',
    on: 'the method that evicts',
    what: "no cache has the family 'prodct'",
    fix: 'Name ',
  },
  {
    title: 'an eviction of a whole family that nobody caches',
    evicts: [{ families: ['nowhere'] }],
    fault: 'nothing-to-evict',
    on: 'the method that evicts',
    what: "no cache has the family 'nowhere'",
    fix: 'or remove it',
  },
  {
    title: 'an eviction by result in a family that nobody caches',
    evicts: [{ tagsOfResult: { nothing: () => 'sku' } }],
    fault: 'nothing-to-evict',
    on: 'the method that evicts',
    what: "no cache has the family 'nothing'",
    fix: 'Name ',
  },
  {
    title: 'an eviction of a cache that does not exist',
    evicts: [{ caches: ['PriceService.of'] }],
    fault: 'nothing-to-evict',
    on: 'the method that evicts',
    what: "no cache has the name 'PriceService.of'",
    fix: 'Name ',
  },
  {
    title: 'an eviction of nothing',
    evicts: [{}],
    fault: 'missing-declaration',
    on: 'the method that evicts',
    what: 'nothing is evicted',
    fix: 'Name tags, families, caches or user',
  },
  {
    title: 'an eviction by result before there is one',
    evicts: [{ when: 'before', tagsOfResult: { stock: () => 'sku' } }],
    fault: 'contradiction',
    on: 'the method that evicts',
    what: 'the eviction runs before the method',
    fix: "Declare when: 'after'",
  },
  {
    title: 'linearizable whose write tells only by its result what it outdates',
    cached: { consistency: 'linearizable', tags: { order: () => 'sku' } },
    evicts: [{ tagsOfResult: { order: () => 'sku' } }],
    fault: 'tag-known-too-late',
    on: 'the method that evicts',
    what: "'order' is computed from the result, but ",
    fix: 'Compute it from the arguments (tags: { order: … }), or evict the whole family',
  },
  // How old it may be
  {
    title: 'strong that tolerates stale values',
    cached: { consistency: 'strong', evictedElsewhere: BECAUSE },
    tolerance: { max: '1s', because: BECAUSE },
    fault: 'contradiction',
    what: '@StaleTolerance allows stale values, but strong promises that a read that starts after a write',
    fix: "Remove @StaleTolerance, or declare consistency: 'bounded'",
  },
  {
    title: 'immutable that tolerates stale values when the origin fails',
    cached: { consistency: 'immutable' },
    tolerance: { onError: '1m', because: BECAUSE },
    fault: 'contradiction',
    what: 'immutable promises that one value per key for ever',
    fix: 'Remove @StaleTolerance',
  },
  {
    title: 'linearizable that tolerates stale values',
    cached: { consistency: 'linearizable', evictedElsewhere: BECAUSE },
    tolerance: { max: '1s', because: BECAUSE },
    fault: 'contradiction',
    what: '@StaleTolerance allows stale values, but linearizable promises',
    fix: 'Remove @StaleTolerance',
  },
  {
    title: 'bounded without a bound',
    cached: { consistency: 'bounded' },
    fault: 'missing-declaration',
    what: 'bounded needs its bound',
    fix: "Add @StaleTolerance({ max: '5s'",
  },
  {
    title: 'bounded by nothing at all',
    cached: { consistency: 'bounded' },
    tolerance: { max: 0, because: BECAUSE },
    fault: 'contradiction',
    what: 'bounded with max: 0 could never serve an entry',
    fix: "or consistency: 'strong'",
  },
  {
    title: 'eventual with a bound beside its ttl',
    cached: { consistency: 'eventual', ttl: '5s' },
    tolerance: { max: '5s', because: BECAUSE },
    fault: 'contradiction',
    what: 'eventual is bounded by its ttl',
    fix: "declare consistency: 'bounded'",
  },
  {
    title: 'a ttl of nothing',
    cached: { ttl: 0 },
    fault: 'contradiction',
    what: 'ttl is 0, so nothing would ever be served',
    fix: 'remove @Cacheable',
  },
  {
    title: 'a ttl that is longer than the bound',
    cached: { consistency: 'bounded', ttl: '60s' },
    tolerance: { max: '5s', because: BECAUSE },
    fault: 'contradiction',
    what: 'ttl (1m) is longer than max (5s)',
    fix: 'Lower ttl to 5s, or raise max',
  },
  {
    title: 'onError that allows no more than the level does',
    cached: { consistency: 'eventual', ttl: '5s' },
    tolerance: { onError: '5s', because: BECAUSE },
    fault: 'contradiction',
    what: 'onError (5s) allows no more than 5s',
    fix: 'Raise onError, or remove it',
  },
  {
    title: 'a tolerance without a reason',
    cached: { consistency: 'bounded' },
    tolerance: { max: '5s', because: ' ' },
    fault: 'missing-declaration',
    what: '@StaleTolerance gives no reason',
    fix: 'Say in a sentence why it is acceptable',
  },
  // Seconds for milliseconds
  {
    title: 'a ttl in seconds',
    cached: { ttl: 30 },
    fault: 'seconds-for-milliseconds',
    what: 'ttl: 30 means 30 milliseconds',
    fix: "Write the unit: '30s' or '30ms'",
  },
  {
    title: 'a bound in seconds',
    cached: { consistency: 'bounded' },
    tolerance: { max: 5, because: BECAUSE },
    fault: 'seconds-for-milliseconds',
    what: 'max: 5 means 5 milliseconds',
    fix: "Write the unit: '5s' or '5ms'",
  },
  {
    title: 'onError in seconds',
    cached: { consistency: 'eventual', ttl: '10ms' },
    tolerance: { onError: 120, because: BECAUSE },
    fault: 'seconds-for-milliseconds',
    what: 'onError: 120 means 120 milliseconds',
    fix: "Write the unit: '120s' or '120ms'",
  },
  // What is left out
  {
    title: 'no level',
    cached: { consistency: undefined as never },
    fault: 'missing-declaration',
    what: 'consistency is not declared',
    fix: "Declare consistency: 'linearizable' | 'strong'",
  },
  {
    title: 'no scope',
    cached: { scope: undefined as never },
    fault: 'missing-declaration',
    what: 'scope is not declared',
    fix: "Declare scope: 'shared' | 'tenant' | 'user'",
  },
  {
    title: 'no owner',
    cached: { owner: undefined as never },
    fault: 'missing-declaration',
    what: 'owner is not declared',
    fix: 'the source of truth and the team behind it',
  },
  {
    title: 'eventual without a ttl',
    cached: { consistency: 'eventual' },
    fault: 'missing-declaration',
    what: 'eventual needs a ttl',
    fix: "such as ttl: '5m'",
  },
  // What is no such thing
  {
    title: 'a level that does not exist',
    cached: { consistency: 'weak' as never },
    fault: 'invalid-option',
    what: "consistency is 'weak'",
    fix: 'Declare one of',
  },
  {
    title: 'a scope that does not exist',
    cached: { scope: 'everyone' as never },
    fault: 'invalid-option',
    what: "scope is 'everyone'",
    fix: "Declare one of 'shared'",
  },
  {
    title: 'an owner without a name',
    cached: { owner: '' },
    fault: 'invalid-option',
    what: "owner is ''",
    fix: 'Declare owner',
  },
  {
    title: 'a way to hand out values that does not exist',
    cached: { values: 'shared' as never },
    fault: 'invalid-option',
    what: "values is 'shared'",
    fix: "'frozen' | 'copied'",
  },
  {
    title: 'an answer to a missing user that does not exist',
    cached: { onMissingUser: 'ignore' as never },
    fault: 'invalid-option',
    what: "onMissingUser is 'ignore'",
    fix: "'bypass' | 'throw'",
  },
  {
    title: 'a key that is no function',
    cached: { key: 'sku' as never },
    fault: 'invalid-option',
    what: "key is 'sku'",
    fix: "Write a function of the method's arguments",
  },
  {
    title: 'a tag that is no function',
    cached: { tags: { product: 'sku' as never } },
    fault: 'invalid-option',
    what: "tags.product is 'sku'",
    fix: 'such as product: (id) => id',
  },
  {
    title: 'tags that are a list',
    cached: { tags: ['product'] as never },
    fault: 'invalid-option',
    what: 'tags is an object',
    fix: 'Write tags: { family: (…) => value }',
  },
  {
    title: 'a duration that is none',
    cached: { ttl: '5 minutes' as never },
    fault: 'invalid-option',
    what: "'5 minutes' is not a duration",
    fix: 'Write milliseconds as a number',
  },
  {
    title: 'a negative duration',
    cached: { ttl: -1 },
    fault: 'invalid-option',
    what: '-1 is not a duration',
    fix: 'Write milliseconds as a number from 0 up',
  },
  {
    title: 'a codec for what needs none',
    cached: { codecs: [Date] },
    fault: 'invalid-option',
    what: "A codec is for 'Date', which is kept as it is without one",
    fix: 'Remove the codec',
  },
  {
    title: 'two codecs of one name',
    cached: { codecs: [Money, OtherMoney] },
    fault: 'invalid-option',
    what: "Two codecs claim 'Money'",
    fix: 'Name each class once',
  },
  {
    title: 'an empty reason for what evicts it elsewhere',
    cached: { consistency: 'strong', evictedElsewhere: '' },
    fault: 'missing-declaration',
    what: 'evictedElsewhere gives no reason',
    fix: 'Say in a sentence',
  },
  {
    title: 'an eviction at a time that does not exist',
    evicts: [{ when: 'during' as never, families: ['stock'] }],
    fault: 'invalid-option',
    on: 'the method that evicts',
    what: "when is 'during'",
    fix: "Declare one of 'after' | 'before'",
  },
  {
    title: 'families that are no list',
    evicts: [{ families: 'stock' as never }],
    fault: 'invalid-option',
    on: 'the method that evicts',
    what: 'families is not a list of names',
    fix: "Write families: ['name']",
  },
  // What is misspelt
  {
    title: 'an option of @Cacheable that does not exist',
    cached: { tll: '5s' } as CacheablePolicy,
    fault: 'unknown-option',
    what: "there is no option 'tll'",
    fix: 'Use consistency, scope, owner, ttl',
  },
  {
    title: 'an option of @CacheEvict that does not exist',
    evicts: [{ families: ['stock'], family: 'stock' } as EvictPolicy],
    fault: 'unknown-option',
    on: 'the method that evicts',
    what: "there is no option 'family'",
    fix: 'Use tags, tagsOfResult, families',
  },
  {
    title: 'an option of @StaleTolerance that does not exist',
    cached: { consistency: 'bounded' },
    tolerance: { max: '5s', onErrors: '1m', because: BECAUSE } as StaleTolerancePolicy,
    fault: 'unknown-option',
    what: "there is no option 'onErrors'",
    fix: 'Use max, onError, because',
  },
];
