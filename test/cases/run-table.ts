import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoggerService, ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import {
  CacheEvents,
  CacheMetrics,
  CallerContext,
  Clock,
  ConsistentCache,
  ConsistentCacheModule,
  SessionContext,
  Transactions,
} from 'nestjs-consistent-cache';
import type { CacheablePolicy, CacheEvent } from 'nestjs-consistent-cache';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { Deferred } from '../support/deferred.js';
import { LEVELS, SHARED, TERMS, UNANNOUNCED } from './behavioural-case.js';
import type { BehaviouralCase, Level, Subject } from './behavioural-case.js';
import { Origin } from './origin.js';
import { PLACEMENTS } from './placements.js';
import type { Host, Placed, Placement } from './placements.js';
import type { StoreUnderTest } from './stores.js';

/** One row at one level in one placement, ready to be put into the application. */
interface Cell {
  readonly row: BehaviouralCase;
  readonly level: Level;
  readonly cache: string;
  readonly origin: Origin;
  readonly placed: Placed;
  readonly twin: Placed | undefined;
}

/**
 * Levels that share an application. Linearizable caches have one to themselves: that a family has one is why its writes are
 * announced, and the rows of the other levels use the same families.
 */
const APART: readonly (readonly Level[])[] = [UNANNOUNCED, ['linearizable']];

/**
 * Runs every row in every placement at every level that applies, over one store.
 *
 * One application serves all rows of a placement, because starting Nest is what costs; each cell has classes, and so
 * entries, of its own, and cases run one after the other.
 */
export function runTable(
  rows: readonly BehaviouralCase[],
  store: StoreUnderTest,
  placements: readonly Placement[] = PLACEMENTS,
): void {
  const kept = store.levels ?? LEVELS;

  describe.each(placements)(`over ${store.name}, in $name`, (placement) => {
    for (const together of APART) {
      const cells = cellsOf(
        rows,
        placement,
        kept.filter((level) => together.includes(level)),
      );
      if (cells.length > 0)
        describe(together.join(', '), () => {
          runCells(cells, store);
        });
    }
    const refused = LEVELS.filter((level) => !kept.includes(level));
    if (refused.length > 0) {
      it.each(refused)('the store cannot keep %s, and the application does not start', async (level) => {
        const { placed } = cellOf(REFUSED_ROW, level, placement);
        await expect(compile(store, [placed]).then((app) => app.init())).rejects.toThrow(`${level} needs`);
      });
    }
  });
}

const REFUSED_ROW: BehaviouralCase = { id: 'M5', title: 'is refused', run: () => Promise.resolve() };

function runCells(cells: readonly Cell[], store: StoreUnderTest): void {
  const clock = new ManualClock();
  const logged: string[] = [];
  let app: TestingModule;

  beforeAll(async () => {
    const placed = cells.flatMap((cell) => [cell.placed, ...(cell.twin ? [cell.twin] : [])]);
    app = await compile(store, placed, { clock, logged });
    await app.init();
  });
  afterAll(() => app.close());

  it.each(cells.map((cell) => [`${cell.row.id} ${cell.row.title} (${cell.level})`, cell] as const))(
    '%s',
    async (_, cell) => {
      const { subject, end } = subjectOf(cell, { app, clock, logged });
      try {
        if (cell.level === 'session') await subject.sessions.run(undefined, () => cell.row.run(subject));
        else await cell.row.run(subject);
      } finally {
        end();
      }
    },
  );
}

function compile(
  store: StoreUnderTest,
  placed: readonly Placed[],
  { clock = new ManualClock(), logged = [] }: { readonly clock?: ManualClock; readonly logged?: string[] } = {},
): Promise<TestingModule> {
  return Test.createTestingModule({
    imports: [
      ...(store.imports?.() ?? []),
      ConsistentCacheModule.forRoot({
        topology: 'single-process',
        identity: { ambient: () => undefined },
        // A busy machine must not look like a slow store.
        storeDeadline: '1m',
        ...store.options(),
      }),
    ],
    ...partsOf(placed),
  })
    .overrideProvider(Clock)
    .useValue(clock)
    .setLogger(loggingTo(logged))
    .compile();
}

function cellsOf(rows: readonly BehaviouralCase[], placement: Placement, levels: readonly Level[]): readonly Cell[] {
  return rows
    .filter(({ needsClass }) => needsClass !== true || placement.hasClass)
    .flatMap((row) =>
      levels.filter((level) => row.levels?.includes(level) !== false).map((level) => cellOf(row, level, placement)),
    );
}

function cellOf(row: BehaviouralCase, level: Level, placement: Placement): Cell {
  const origin = new Origin();
  const name = [row.id, ...row.title.split(/\W+/), level, placement.suffix].map(capitalised).join('');
  const terms = { ...SHARED, ...TERMS[level].policy };
  const evicts = row.evicts?.(`${name}.read`) ?? [];
  // The audit is right to ask; a row about something else has no write to name.
  const unevicted: CacheablePolicy =
    level === 'strong' || level === 'linearizable' ? { evictedElsewhere: 'this one is not about its evictions' } : {};
  const declared = {
    terms,
    policy: { ...(evicts.length === 0 ? unevicted : {}), ...row.cached },
    tolerance: row.tolerance ?? TERMS[level].tolerance,
    evicts,
    origin,
  };

  return {
    row,
    level,
    cache: `${name}.read`,
    origin,
    placed: placement.place({ ...declared, name }),
    twin:
      row.needsTwin === true
        ? placement.place({ ...declared, policy: { ...unevicted, ...row.cached }, name: `${name}Twin` })
        : undefined,
  };
}

function subjectOf(
  { row, level, cache, origin, placed, twin }: Cell,
  { app, clock, logged }: { app: TestingModule; clock: ManualClock; logged: readonly string[] },
): { subject: Subject; end: () => void } {
  const events: CacheEvent[] = [];
  const awaited: { type: CacheEvent['type']; times: number; happened: Deferred }[] = [];
  const count = (type: CacheEvent['type']): number => events.filter((event) => event.type === type).length;
  const end = app.get(CacheEvents).subscribe((event) => {
    if ('policy' in event && event.policy !== cache) return;
    events.push(event);
    for (const { type, times, happened } of awaited) if (count(type) >= times) happened.resolve();
  });

  const host = (held: Placed): Promise<Host> => {
    if (level === 'session' && row.movesClock !== true) clock.advance('1ms');
    return held.host(app);
  };

  const subject: Subject = {
    level,
    cache,
    origin,
    clock,
    caching: app.get(ConsistentCache),
    callers: app.get(CallerContext),
    sessions: app.get(SessionContext),
    transactions: app.get(Transactions),
    read: async (...args) => (await host(placed)).read(...args),
    readTwin: async (...args) => {
      if (twin === undefined) throw new TypeError('this row says nothing of needing a twin');
      return (await host(twin)).read(...args);
    },
    readThroughThis: async (...args) => (await host(placed)).readThroughThis(...args),
    readUnstored: async (...args) => (await host(placed)).readUnstored(...args),
    write: async (...args) => (await host(placed)).write(...args),
    figures: () => app.get(CacheMetrics).figuresOf(cache),
    events: () => events,
    happened: async (type, times = 1) => {
      const happened = new Deferred();
      awaited.push({ type, times, happened });
      if (count(type) < times) await happened.promise;
    },
    warnings: () => logged.filter((message) => message.includes(`${cache} `)),
  };

  return { subject, end };
}

function partsOf(placed: readonly Placed[]): Pick<ModuleMetadata, 'providers' | 'controllers'> {
  return {
    providers: placed.flatMap(({ parts }) => parts.providers ?? []),
    controllers: placed.flatMap(({ parts }) => parts.controllers ?? []),
  };
}

function loggingTo(logged: string[]): LoggerService {
  const drop = (): void => undefined;

  return { log: drop, error: drop, warn: (message: string) => logged.push(message) };
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
