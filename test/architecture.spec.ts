import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import {
  findAsynchrony,
  findClimbingImports,
  findClockReaders,
  findComputedImports,
  findCycles,
  findHomeless,
  findInsidersAtTheDoor,
  findInternalBarrels,
  findPackageUsers,
  findReflectUsers,
  findStrayImports,
  findTopLevelAwaits,
  type Floors,
} from './support/architecture.js';
import { readSourceTree } from './support/source-tree.js';

/**
 * From the ground up. A part may import what stands on a lower floor, and itself; two parts on one floor do not know
 * each other. Why these floors, and what was moved since: docs/decisions/0003-the-floors.md.
 */
const FLOORS: Floors = [
  ['errors'],
  ['time', 'entry'],
  ['resilience'],
  ['policy', 'coordination'],
  ['consistency', 'context', 'stampede', 'storage', 'decorators'],
  ['version', 'observability', 'http', 'catalogue'],
  ['engine', 'audit'],
  ['interceptors'],
  ['consistent-cache.*'],
  ['index.*'],
  ['testing'],
];
/** Nest stands at the rim: only these parts know it. */
const RIM = ['decorators', 'catalogue', 'audit', 'interceptors', 'http', 'consistent-cache.*', 'testing'];
const DOORS = ['index.ts', 'coordination/redis/index.ts', 'coordination/postgres/index.ts', 'testing/index.ts'];
const PACKAGE = 'nestjs-consistent-cache';
const METADATA_FILE = 'decorators/declaration-metadata.ts';
const CLOCK_FILE = 'time/clock.ts';

const NEST = /^@nestjs\//;
const REFLECT_METADATA = /^reflect-metadata(\/|$)/;

describe('the library', () => {
  const src = readSourceTree(join(import.meta.dirname, '../src'));

  it('has its public doors', () => {
    expect(Object.keys(src)).toEqual(expect.arrayContaining(DOORS));
  });

  it('keeps every file in a part of the table', () => {
    expect(findHomeless(src, FLOORS)).toEqual([]);
  });

  it('imports only downwards, types included', () => {
    expect([...findClimbingImports(src, FLOORS), ...findStrayImports(src), ...findComputedImports(src)]).toEqual([]);
  });

  it('has no circle of imports', () => {
    expect(findCycles(src)).toEqual([]);
  });

  it('re-exports only at its public doors, which nobody inside uses', () => {
    expect([...findInternalBarrels(src, DOORS), ...findInsidersAtTheDoor(src, DOORS, PACKAGE)]).toEqual([]);
  });

  it('knows Nest only at the rim', () => {
    expect(findPackageUsers(src, NEST, { parts: RIM })).toEqual([]);
  });

  it('touches metadata in one file', () => {
    expect([
      ...findReflectUsers(src, METADATA_FILE),
      ...findPackageUsers(src, REFLECT_METADATA, { files: [METADATA_FILE] }),
    ]).toEqual([]);
  });

  it('reads the clock in one file', () => {
    expect(findClockReaders(src, CLOCK_FILE)).toEqual([]);
  });

  it('can be required, since nothing waits at the top level', () => {
    expect(findTopLevelAwaits(src)).toEqual([]);
  });

  it('decides without waiting for anything', () => {
    expect(findAsynchrony(src, 'consistency')).toEqual([]);
  });
});

describe('the sample application', () => {
  it('comes in by the public door only', () => {
    const sample = readSourceTree(join(import.meta.dirname, '../sample-app/src'));

    expect(findStrayImports(sample)).toEqual([]);
  });
});

describe('the checker', () => {
  const floors: Floors = [['errors'], ['policy'], ['engine', 'audit'], ['index.*']];

  it.each([
    ['a static import', `import { run } from '../engine/run.js';`],
    ['a type', `import type { Run } from '../engine/run.js';`],
    ['an inline type', `import { type Run } from '../engine/run.js';`],
    ['an import type', `type Run = import('../engine/run.js').Run;`],
    ['typeof an import', `type Run = typeof import('../engine/run.js');`],
    ['a dynamic import', `const run = await import('../engine/run.js');`],
    ['a require', `const run = require('../engine/run.js');`],
    ['an import assignment', `import run = require('../engine/run.js');`],
    ['a side effect', `import '../engine/run.js';`],
    ['a re-export', `export { run } from '../engine/run.js';`],
    ['a re-export of everything', `export * from '../engine/run.js';`],
    ['a namespace', `export * as engine from '../engine/run.js';`],
  ])('sees %s that climbs', (_, statement) => {
    const tree = { 'policy/rule.ts': `\n${statement}`, 'engine/run.ts': '' };

    expect(findClimbingImports(tree, floors)).toEqual(['policy/rule.ts:2 (floor 2) imports engine/run.ts (floor 3)']);
  });

  it('sees two parts of one floor that know each other', () => {
    const tree = { 'audit/audit.ts': `import '../engine/run.js';`, 'engine/run.ts': '' };

    expect(findClimbingImports(tree, floors)).toEqual(['audit/audit.ts:1 (floor 3) imports engine/run.ts (floor 3)']);
  });

  it('lets imports run down and stay at home', () => {
    const tree = {
      'engine/run.ts': `import '../errors/error.js'; import './walk.js'; import { x } from 'node:path';`,
      'engine/walk.ts': `import type { Rule } from '../policy/rule.js';`,
      'errors/error.ts': '',
      'policy/rule.ts': '',
    };

    expect(findClimbingImports(tree, floors)).toEqual([]);
  });

  it('sees a path that leads out of the tree', () => {
    expect(findStrayImports({ 'engine/run.ts': `import '../../test/support/shop.js';` })).toEqual([
      'engine/run.ts:1 imports ../../test/support/shop.js, which is no file of this tree',
    ]);
  });

  it('sees a module name that is computed', () => {
    const tree = { 'engine/run.ts': 'await import(name);', 'engine/walk.ts': 'await import(`./${name}.js`);' };

    expect(findComputedImports(tree)).toEqual([
      'engine/run.ts:1 imports a computed name',
      'engine/walk.ts:1 imports a computed `./${name}.js`',
    ]);
  });

  it('sees a part that is missing from the table', () => {
    const tree = { 'engine/run.ts': '', 'magic/wand.ts': '', 'main.ts': '', 'index.ts': '', 'engine/utils/pad.ts': '' };

    expect(findHomeless(tree, floors)).toEqual([
      'magic/wand.ts belongs to no part of the table',
      'main.ts belongs to no part of the table',
      'engine/utils/pad.ts stands in a folder named for no idea',
    ]);
  });

  it('sees a circle, also one of types, and tells it once', () => {
    const tree = {
      'engine/c.ts': `import { a } from './a.js';`,
      'engine/a.ts': `import type { B } from './b.js';`,
      'engine/b.ts': `export type { C } from './c.js';`,
      'engine/d.ts': `import './a.js';`,
      'engine/self.ts': `import './self.js';`,
    };

    expect(findCycles(tree)).toEqual([
      'engine/a.ts → engine/b.ts → engine/c.ts → engine/a.ts',
      'engine/self.ts → engine/self.ts',
    ]);
  });

  it('sees an internal barrel in every spelling', () => {
    const tree = {
      'index.ts': `export { run } from './engine/run.js';`,
      'engine/index.ts': `export * from './run.js';`,
      'engine/again.ts': `import { run as walk, type Run } from './run.js';\nexport { walk as run };\nexport type { Run };`,
      'engine/default.ts': `import run from './run.js';\nexport default run;`,
      'engine/run.ts': `const run = 1;\nexport { run };`,
    };

    expect(findInternalBarrels(tree, ['index.ts'])).toEqual([
      'engine/index.ts:1 re-exports ./run.js',
      'engine/again.ts:2 re-exports walk',
      'engine/again.ts:3 re-exports Run',
      'engine/default.ts:2 re-exports run',
    ]);
  });

  it('sees an insider at the door', () => {
    const tree = {
      'index.ts': '',
      'engine/a.ts': `import '../index.js';`,
      'engine/b.ts': `import 'shop/testing';\nimport 'shop';\nimport 'shopping';`,
    };

    expect(findInsidersAtTheDoor(tree, ['index.ts'], 'shop')).toEqual([
      'engine/a.ts:1 comes in by a door: ../index.js',
      'engine/b.ts:1 comes in by a door: shop/testing',
      'engine/b.ts:2 comes in by a door: shop',
    ]);
  });

  it('sees Nest away from the rim', () => {
    const tree = {
      'audit/audit.ts': `import { Injectable } from '@nestjs/common';`,
      'engine/run.ts': `import type { Type } from '@nestjs/common';`,
    };

    expect(findPackageUsers(tree, NEST, { parts: ['audit'] })).toEqual(['engine/run.ts:1 imports @nestjs/common']);
  });

  it('sees metadata however it is reached, and lets the rest of Reflect be', () => {
    const tree = {
      'decorators/metadata.ts': `Reflect.getMetadata('a', b);`,
      'engine/run.ts': [
        `Reflect.getMetadata('a', b);`,
        'globalThis.Reflect;',
        'const { defineMetadata } = Reflect;',
        `Reflect['metadata'];`,
        'Reflect.ownKeys(a); Reflect.construct(B, []); reflector.get(a); new Reflector();',
      ].join('\n'),
    };

    expect(findReflectUsers(tree, 'decorators/metadata.ts')).toEqual([
      'engine/run.ts:1 uses Reflect.getMetadata',
      'engine/run.ts:2 uses globalThis.Reflect',
      'engine/run.ts:3 uses { defineMetadata } = Reflect',
      `engine/run.ts:4 uses Reflect['metadata']`,
    ]);
  });

  it('sees a look at the clock, and none in a date that is given', () => {
    const tree = {
      'time/clock.ts': 'Date.now();',
      'engine/run.ts': [
        'Date.now();',
        'performance.now();',
        'new Date();',
        'const { now } = Date;',
        "Date['now']();",
        'process.hrtime.bigint();',
        'new Date(ms); Date.UTC(2026, 1); let at: Date; value instanceof Date; clock.Date;',
      ].join('\n'),
    };

    expect(findClockReaders(tree, 'time/clock.ts')).toEqual([
      'engine/run.ts:1 uses Date.now',
      'engine/run.ts:2 uses performance',
      'engine/run.ts:3 uses new Date()',
      'engine/run.ts:4 uses { now } = Date',
      "engine/run.ts:5 uses Date['now']",
      'engine/run.ts:6 uses hrtime',
    ]);
  });

  it('sees a pure part that waits', () => {
    const tree = {
      'consistency/a.ts': 'async function a() {\n await b;\n}\nb.then(c);',
      'engine/run.ts': 'await origin();',
    };

    expect(findAsynchrony(tree, 'consistency')).toEqual([
      'consistency/a.ts:1 is not pure: async',
      'consistency/a.ts:2 is not pure: await b',
      'consistency/a.ts:4 is not pure: b.then',
    ]);
  });

  it('sees a file that waits at the top level', () => {
    const tree = {
      'engine/run.ts':
        'async function run() { await a; }\nawait run();\nfor await (const a of b) run();\nclass A { b = async () => await c; }',
    };

    expect(findTopLevelAwaits(tree)).toEqual([
      'engine/run.ts:2 waits at the top level',
      'engine/run.ts:3 waits at the top level',
    ]);
  });
});
