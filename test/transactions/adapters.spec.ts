import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { compileTree, type CompiledTree } from '../../scripts/compile-tree.mjs';
import { barePg } from './adapters/bare-pg.js';
import { drizzleOnPglite, drizzleOnPostgres } from './adapters/drizzle.js';
import { typeorm } from './adapters/typeorm.js';
import { NumbersTable } from './numbers-table.js';
import { PROPAGATIONS } from './propagations.js';
import { databaseUrl } from './rows.js';
import { SCENARIOS } from './scenarios.js';
import { Theatre } from './stage.js';

// Two processes, a compilation and six applications, on a machine that may be busy.
jest.setTimeout(60_000);

let table: NumbersTable;
beforeAll(async () => {
  table = new NumbersTable();
  await table.create();
});
afterAll(() => table.close());

describe.each([drizzleOnPostgres, drizzleOnPglite, typeorm, barePg])('a transaction of $name', (adapter) => {
  let theatre: Theatre;
  beforeAll(async () => {
    theatre = await Theatre.open(adapter, table);
  });
  afterAll(() => theatre.close());

  const playable = SCENARIOS.filter(({ needsOutsiders }) => adapter.hasOutsiders || !needsOutsiders);
  it.each(playable)('$title', (scenario) => theatre.play(scenario));
});

describe('a transaction of @nestjs-cls/transactional', () => {
  let tree: CompiledTree;
  beforeAll(async () => {
    tree = await compileTree('tests');
  });
  afterAll(() => {
    tree.remove();
  });

  describe.each([
    { told: 'drizzle', scenarios: SCENARIOS },
    // Only the host knows of calls that run in no transaction.
    { told: 'host', scenarios: [...SCENARIOS, ...PROPAGATIONS] },
  ])('of which its $told tells', ({ told, scenarios }) => {
    const faults = new Map<string, string | undefined>();
    beforeAll(async () => {
      const env = { ...process.env, DATABASE_URL: databaseUrl(), NODE_OPTIONS: '' };
      const program = tree.pathOf('test/transactions/play-alone.ts');
      const { stdout } = await promisify(execFile)(process.execPath, [program, told], { env });
      for (const line of stdout.trim().split('\n')) {
        const { title, fault } = JSON.parse(line) as { readonly title: string; readonly fault?: string };
        faults.set(title, fault);
      }
    });

    it.each(scenarios)('$title', ({ title }) => {
      expect([...faults.keys()]).toContain(title);
      expect(faults.get(title)).toBeUndefined();
    });
  });
});
