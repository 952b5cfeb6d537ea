import { beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, Scope } from '@nestjs/common';
import type { ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  AuditFailedError,
  Cacheable,
  CacheDefaults,
  CacheEvict,
  ConsistentCacheModule,
  InvalidPolicyError,
  MisplacedDeclarationError,
  NoCache,
  StaleTolerance,
} from 'nestjs-consistent-cache';
import type { AuditFinding, CacheablePolicy, ConsistentCacheOptions, PolicyProblem } from 'nestjs-consistent-cache';
import { Origin } from './origin.js';
import { PLACEMENTS } from './placements.js';
import type { Placed, Placement } from './placements.js';
import { BECAUSE, REFUSED, SOUND } from './table/refused-declarations.js';
import type { RefusedDeclaration } from './table/refused-declarations.js';

const ONE_PROCESS: ConsistentCacheOptions = { topology: 'single-process' };
const [SINGLETON] = PLACEMENTS as [Placement, ...Placement[]];

describe('an application with a declaration that cannot be kept', () => {
  for (const placement of PLACEMENTS) {
    describe(`in ${placement.name}`, () => {
      let refusals: ReadonlyMap<RefusedDeclaration, Refusal>;

      beforeAll(async () => {
        refusals = await refusalsOf(REFUSED, placement);
      });

      it.each(REFUSED.map((row) => [row.title, row] as const))('does not start: %s', (_, row) => {
        const { name, finding, message } = refusals.get(row) ?? {};

        expect(finding).toMatchObject({
          fault: row.fault,
          what: expect.stringContaining(row.what) as unknown,
          fix: expect.stringContaining(row.fix) as unknown,
          place: expect.stringContaining(name ?? 'a name') as unknown,
        });
        expect(message).toContain(finding?.place);
        expect(message).toContain(finding?.what);
        expect(message).toContain(finding?.fix);
      });

      it.each(['strong', 'session', 'linearizable'] as const)(
        'does not start: %s, unless one process alone writes',
        async (consistency) => {
          const { parts } = placement.place({
            ...declared({ ...SOUND, consistency, ...(consistency === 'session' ? {} : { evictedElsewhere: BECAUSE }) }),
            tolerance: consistency === 'session' ? { max: '5s', because: BECAUSE } : undefined,
            name: 'AmongProcesses',
          });

          const { findings } = refusalIn(await failureOf(start({}, parts)));
          expect(findings).toEqual([
            {
              fault: 'unsupported-level',
              place: expect.stringContaining('AmongProcesses') as unknown,
              what: expect.stringContaining("this process's memory") as unknown,
              fix: expect.stringContaining("declare topology: 'single-process'") as unknown,
            },
          ]);
          await expect(start({ topology: 'single-process' }, parts)).resolves.toBeUndefined();
        },
      );
    });
  }
});

describe('H7 a request-scoped provider', () => {
  @Injectable({ scope: Scope.REQUEST })
  class RequestDependency {}

  @Injectable({ scope: Scope.REQUEST })
  class PerRequest {
    @Cacheable({ consistency: 'immutable', scope: 'shared', owner: 'the test' })
    async read(): Promise<string> {
      return 'value';
    }
  }

  @Injectable()
  class PerRequestThroughWhatItNeeds {
    constructor(readonly dependency: RequestDependency) {}

    @Cacheable({ consistency: 'immutable', scope: 'shared', owner: 'the test' })
    async read(): Promise<string> {
      return 'value';
    }
  }

  @Injectable()
  class FromRequest {
    constructor(readonly dependency: RequestDependency) {}

    @Cacheable({ consistency: 'immutable', scope: 'user', userKey: (user: string) => user, owner: 'the test' })
    async ofUser(user: string): Promise<string> {
      return user;
    }

    @Cacheable({ consistency: 'immutable', scope: 'shared', owner: 'the test', requestIndependent: BECAUSE })
    async read(): Promise<string> {
      return 'value';
    }
  }

  it.each([PerRequest, PerRequestThroughWhatItNeeds])('does not start with a shared scope: %p', async (provider) => {
    const error = await failureOf(start({}, { providers: [RequestDependency, provider] }));

    expect((error as AuditFailedError).findings).toEqual([
      {
        fault: 'shared-from-request-scope',
        place: `@Cacheable on ${provider.name}.read`,
        what: expect.stringContaining("gives one request's result to all others") as unknown,
        fix: expect.stringContaining('requestIndependent') as unknown,
      },
    ]);
  });

  it('starts with a scope of its own, or a reason', async () => {
    await expect(start({}, { providers: [RequestDependency, FromRequest] })).resolves.toBeUndefined();
  });
});

describe('decorators that cannot hold together', () => {
  class Prices {
    @Cacheable({ ...SOUND, name: 'prices' })
    @Cacheable({ ...SOUND, name: 'prices again' })
    async twice(): Promise<number> {
      return 1;
    }

    @NoCache({ because: BECAUSE })
    @Cacheable(SOUND)
    async neverAndAlways(): Promise<number> {
      return 1;
    }

    @CacheEvict({ caches: ['prices'] })
    @Cacheable(SOUND)
    async readAndWrite(): Promise<number> {
      return 1;
    }

    @StaleTolerance({ max: '1s', because: BECAUSE })
    @StaleTolerance({ max: '2s', because: BECAUSE })
    async toleratesTwice(): Promise<number> {
      return 1;
    }

    @StaleTolerance({ because: BECAUSE })
    async tightensToNothing(): Promise<number> {
      return 1;
    }

    @StaleTolerance({ max: '1s', onError: '1m', because: BECAUSE })
    async loosens(): Promise<number> {
      return 1;
    }

    @StaleTolerance({ max: 1, because: '' })
    async tightensToOneSecond(): Promise<number> {
      return 1;
    }

    @NoCache({ because: '' })
    async neverWithoutReason(): Promise<number> {
      return 1;
    }

    @NoCache({ because: BECAUSE, why: 'a misspelling' } as { because: string })
    async neverWithMore(): Promise<number> {
      return 1;
    }
  }
  Injectable()(Prices);

  it.each([
    ['twice', 'contradiction', '@Cacheable stands 2 times on one method', 'Keep one of them'],
    ['neverAndAlways', 'contradiction', '@Cacheable and @NoCache contradict each other', 'Remove one'],
    ['readAndWrite', 'contradiction', 'a hit would evict nothing', 'Move the write to a method of its own'],
    ['toleratesTwice', 'contradiction', '@StaleTolerance stands 2 times', 'Keep the tightest'],
    ['tightensToNothing', 'missing-declaration', 'needs max', 'Declare max'],
    ['loosens', 'contradiction', 'a caller can only ask for less staleness', 'Remove onError'],
    ['tightensToOneSecond', 'seconds-for-milliseconds', 'max: 1 means 1 milliseconds', "'1s' or '1ms'"],
    ['tightensToOneSecond', 'missing-declaration', 'gives no reason', 'who agreed'],
    ['neverWithoutReason', 'missing-declaration', '@NoCache gives no reason', 'who agreed'],
    ['neverWithMore', 'unknown-option', "there is no option 'why'", 'Use because'],
  ])('do not start: %s (%s)', async (method, fault, what, fix) => {
    const error = await failureOf(start({ topology: 'single-process' }, { providers: [Prices] }));

    expect((error as AuditFailedError).findings).toContainEqual({
      fault,
      place: expect.stringContaining(`Prices.${method}`) as unknown,
      what: expect.stringContaining(what) as unknown,
      fix: expect.stringContaining(fix) as unknown,
    });
  });

  it('do not start: two caches of one name', async () => {
    class Stock {
      @Cacheable({ ...SOUND, name: 'prices' })
      async read(): Promise<number> {
        return 1;
      }
    }
    class Catalog {
      @Cacheable({ ...SOUND, name: 'prices' })
      async read(): Promise<number> {
        return 1;
      }
    }

    const error = await failureOf(start({}, { providers: [Stock, Catalog] }));
    expect((error as AuditFailedError).findings).toEqual([
      {
        fault: 'contradiction',
        place: expect.stringMatching(/(Stock|Catalog)\.read/) as unknown,
        what: expect.stringMatching(/another cache named 'prices' \(@Cacheable on (Stock|Catalog)\.read\)/) as unknown,
        fix: 'Give one of them a name of its own',
      },
    ]);
  });

  it('do not start: defaults of a class that do not exist', async () => {
    @CacheDefaults({ ...SOUND, onMissingUsers: 'throw' } as object)
    class Carts {
      @Cacheable({})
      async read(): Promise<number> {
        return 1;
      }
    }

    const error = await failureOf(start({}, { providers: [Carts] }));
    expect((error as AuditFailedError).findings).toEqual([
      {
        fault: 'unknown-option',
        place: expect.stringContaining('Carts') as unknown,
        what: "there is no option 'onMissingUsers'",
        fix: expect.stringContaining('onMissingUser') as unknown,
      },
    ]);
  });
});

describe('a decorator where it cannot work', () => {
  @Injectable()
  class Prices {}
  const decorator = Cacheable(SOUND) as unknown as MethodDecorator;
  const method = { value: async () => 1, configurable: true };

  it('is refused on a static method', () => {
    expect(() => {
      decorator(Prices, 'of', method);
    }).toThrow(MisplacedDeclarationError);
    expect(() => {
      decorator(Prices, 'of', method);
    }).toThrow(/static method.*Prices\.of.*instance method/s);
  });

  it('is refused on a getter, and on a method named by a symbol', () => {
    expect(() => {
      decorator(Prices.prototype, 'of', { get: () => 1 });
    }).toThrow(MisplacedDeclarationError);
    expect(() => {
      decorator(Prices.prototype, Symbol('of'), method);
    }).toThrow(/Prices\.Symbol\(of\)/);
  });
});

describe('the report', () => {
  it('lists everything that is wrong at once, what would leak data first', async () => {
    const all = REFUSED.map((row) => SINGLETON.place({ ...declaredIn(row), name: nameOf(row, SINGLETON) }));

    const error = (await failureOf(start(ONE_PROCESS, partsOf(all)))) as AuditFailedError;
    const faults = error.findings.map(({ fault }) => fault);
    expect(faults.length).toBeGreaterThanOrEqual(REFUSED.length);
    expect(faults.slice(0, 2)).toEqual(['user-scope-without-key', 'user-scope-without-key']);
    expect(faults.at(-1)).toBe('unknown-option');
    for (const fault of new Set(faults)) {
      expect(faults.lastIndexOf(fault) - faults.indexOf(fault)).toBe(
        faults.filter((each) => each === fault).length - 1,
      );
    }
    expect(error.message).toContain(`The application does not start, for ${error.findings.length} reasons`);
  });
});

interface Refusal {
  /** The name of the class, or of the cache without one. */
  readonly name: string;
  readonly finding: AuditFinding | PolicyProblem | undefined;
  readonly message: string;
}

/** One application tells of all of them, except where a declaration without a class already throws. */
async function refusalsOf(
  rows: readonly RefusedDeclaration[],
  placement: Placement,
): Promise<ReadonlyMap<RefusedDeclaration, Refusal>> {
  const placed = new Map(
    rows.map((row) => [row, placement.place({ ...declaredIn(row), name: nameOf(row, placement) })]),
  );
  // An eviction of a family is told of the families that there are, so there must be one.
  const stock = SINGLETON.place({ ...declared({ ...SOUND, tags: { stock: () => 'sku' } }), name: 'Stock' });
  const together = placement.hasClass ? failureOf(start(ONE_PROCESS, partsOf([...placed.values(), stock]))) : undefined;
  const refusals = new Map<RefusedDeclaration, Refusal>();
  for (const [row, each] of placed) {
    const name = nameOf(row, placement);
    const error = await (together ?? failureOf(start(ONE_PROCESS, partsOf([each, stock]))));
    const { findings, message } = refusalIn(error);
    const said = findings.filter(({ place }) => place.includes(`${name}.`) || place.includes(`${name}Writer.`));
    refusals.set(row, {
      name,
      finding: said.find(({ fault, what }) => fault === row.fault && what.includes(row.what)) ?? said[0],
      message,
    });
  }

  return refusals;
}

/** The audit speaks at start-up; a declaration without a class speaks where it is made. */
function refusalIn(error: unknown): { findings: readonly (AuditFinding | PolicyProblem)[]; message: string } {
  if (error instanceof AuditFailedError) return { findings: error.findings, message: error.message };
  if (error instanceof InvalidPolicyError) return { findings: error.problems, message: error.message };

  throw new TypeError('refused by neither', { cause: error });
}

function declaredIn({ cached = {}, tolerance, evicts = [] }: RefusedDeclaration) {
  return { ...declared({ ...SOUND, ...cached }), tolerance, evicts };
}

/** Level, scope and owner where a class may declare them, and the rest on the method. */
function declared({ consistency, scope, owner, ttl, values, onMissingUser, ...policy }: CacheablePolicy) {
  const terms = { consistency, scope, owner, ttl, values, onMissingUser } as CacheablePolicy;

  return { terms, policy, tolerance: undefined, evicts: [], origin: new Origin() };
}

function nameOf({ title }: RefusedDeclaration, { suffix }: Placement): string {
  return `${title.replaceAll(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase()).replaceAll(/\W/g, '')}${suffix}`;
}

function partsOf(placed: readonly Placed[]): ModuleMetadata {
  return {
    providers: placed.flatMap(({ parts }) => parts.providers ?? []),
    controllers: placed.flatMap(({ parts }) => parts.controllers ?? []),
  };
}

async function start(options: ConsistentCacheOptions, parts: ModuleMetadata): Promise<void> {
  const app = await Test.createTestingModule({
    ...parts,
    imports: [ConsistentCacheModule.forRoot(options), ...(parts.imports ?? [])],
  }).compile();
  await app.init();
  await app.close();
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'nothing failed',
    (error: unknown) => error,
  );
}
