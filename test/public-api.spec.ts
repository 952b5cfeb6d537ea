import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeDoor, describePublicApi, pageOf } from '../scripts/public-api.mjs';

const root = join(import.meta.dirname, '..');
const COMPILING_MS = 60_000;

describe('the public surface', () => {
  const committed = readFileSync(join(root, 'docs/reference/public-api.md'), 'utf8');

  it(
    'is what docs/reference/public-api.md says (npm run api:update writes it)',
    () => {
      expect(describePublicApi(root)).toBe(committed);
    },
    COMPILING_MS,
  );

  it("leaves Nest's own names to Nest, or auto-import would pick the wrong one", () => {
    expect(committed).not.toMatch(
      /^(class|const|interface|type) (Cache|CacheModule|CacheInterceptor|CACHE_MANAGER)\b/m,
    );
  });
});

describe('the checker', () => {
  const shop = {
    'index.d.ts': `export { Shop, Shop as Store, open } from './shop.js'; export type { Till } from './till.js';`,
    'shop.d.ts': `import type { Price } from './price.js';
      /** A shop. */
      export declare class Shop {
        private readonly till;
        private constructor();
        #stock;
        protected count: number;
        /** What it costs. */
        priceOf(sku: string): Promise<Price>;
      }
      export declare const open: boolean;`,
    'price.d.ts': `import type { Currency } from './currency.js'; import type { Type } from '@nestjs/common';
      export interface Price { readonly cents: bigint; readonly currency: Currency; readonly of: Type; }
      export interface Unrelated {}`,
    'currency.d.ts': `export type Currency = 'EUR';`,
    'till.d.ts': `export declare class Till { }`,
  };

  it('shows exports by name, and the types that their signatures need', () => {
    expect(describeDoor(shop, 'index.d.ts')).toEqual({
      exported: [
        expect.stringContaining('class Shop {'),
        expect.stringMatching(/^\/\/ exported as Store\nclass Shop {/),
        '// exported as a type only\nclass Till {\n}',
        'const open: boolean;',
      ],
      hidden: [
        "type Currency = 'EUR';",
        'interface Price {\n    readonly cents: bigint;\n    readonly currency: Currency;\n    readonly of: Type;\n}',
      ],
    });
  });

  it('does not call hidden what another door exports', () => {
    const twoDoors = { ...shop, 'testing/index.d.ts': `export { Price } from '../price.js';` };

    expect(describeDoor(twoDoors, 'testing/index.d.ts').hidden).toEqual(["type Currency = 'EUR';"]);
    expect(describeDoor(twoDoors, 'index.d.ts', ['testing/index.d.ts']).hidden).toEqual([]);
  });

  it('leaves out comments and private members, and keeps a private constructor', () => {
    expect(describeDoor(shop, 'index.d.ts').exported[0]).toBe(
      [
        'class Shop {',
        '    private constructor();',
        '    protected count: number;',
        '    priceOf(sku: string): Promise<Price>;',
        '}',
      ].join('\n'),
    );
  });

  it('leaves out a constructor that only Nest can call, and keeps one for users', () => {
    const files = {
      'index.d.ts': `export { Shop, Till } from './shop.js'; export type { Price } from './price.js';`,
      'shop.d.ts': `import type { Engine } from './engine.js'; import type { Price } from './price.js';
        export declare class Shop { constructor(engine: Engine); open(): void; }
        export declare class Till { constructor(price: Price); }`,
      'price.d.ts': `export interface Price {}`,
      'engine.d.ts': `export declare class Engine {}`,
    };

    expect(describeDoor(files, 'index.d.ts')).toEqual({
      exported: [
        'interface Price {\n}',
        'class Shop {\n    open(): void;\n}',
        'class Till {\n    constructor(price: Price);\n}',
      ],
      hidden: [],
    });
  });

  it.each([
    ['a parameter', 'shop.d.ts', 'sku: string', 'sku: number'],
    ['a member', 'shop.d.ts', 'protected count: number;', ''],
    ['a type behind a signature', 'currency.d.ts', `'EUR'`, `'EUR' | 'CHF'`],
    ['an export', 'index.d.ts', ', open', ''],
  ] as const)('sees a change of %s', (_, file, before, after) => {
    const changed = { ...shop, [file]: shop[file].replace(before, after) };

    expect(describeDoor(changed, 'index.d.ts')).not.toEqual(describeDoor(shop, 'index.d.ts'));
  });

  it('writes the surfaces of the doors under their names', () => {
    const surfaces = [
      { name: 'shop', exported: ['type A = B;', 'type C = 1;'], hidden: ['type B = 2;'] },
      { name: 'shop/testing', exported: ['type D = 3;'], hidden: [] },
    ];

    expect(pageOf(surfaces).split('\n').slice(6)).toEqual([
      '## shop',
      '',
      '```ts',
      'type A = B;',
      '',
      'type C = 1;',
      '```',
      '',
      '### Not exported, but part of a signature',
      '',
      '```ts',
      'type B = 2;',
      '```',
      '',
      '## shop/testing',
      '',
      '```ts',
      'type D = 3;',
      '```',
      '',
    ]);
  });

  it('says that a door is missing', () => {
    expect(() => describeDoor({ 'index.d.ts': '' }, 'index.d.ts')).toThrow('index.d.ts exports nothing');
    expect(() => describeDoor({}, 'testing/index.d.ts')).toThrow('testing/index.d.ts exports nothing, or is not there');
  });

  it('sees no change in a comment, a private member or a type that nobody can reach', () => {
    const changed = {
      ...shop,
      'shop.d.ts': shop['shop.d.ts'].replace('A shop.', 'The shop.').replace('private readonly till;', ''),
      'price.d.ts': shop['price.d.ts'].replace('interface Unrelated {}', 'interface Unrelated { a: 1 }'),
    };

    expect(describeDoor(changed, 'index.d.ts')).toEqual(describeDoor(shop, 'index.d.ts'));
  });
});
