import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { findMarkdownFiles, syncBlocks } from '../scripts/doc-regions.mjs';
import { ERROR_CODES } from '../src/errors/error-codes.js';
import {
  anchorsOf,
  docsPagesOf,
  headingsOf,
  npmScriptsOf,
  placesOf,
  relativeLinksOf,
  type Link,
} from './support/markdown.js';
import { collect, readSourceTree } from './support/source-tree.js';

const root = join(import.meta.dirname, '..');
const pages = findMarkdownFiles(root);
const scripts = Object.keys((JSON.parse(read('package.json') ?? '{}') as { scripts: object }).scripts);

it('has pages to check', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/reference/errors.md']));
});

describe.each(pages)('%s', (page) => {
  const markdown = read(page) ?? '';

  it('shows code that runs (npm run docs:sync rewrites it)', () => {
    const synced = syncBlocks(markdown, read);

    expect(synced.faults).toEqual([]);
    expect(markdown).toBe(synced.markdown);
  });

  it('links to what is there', () => {
    expect(findBrokenLinks(page, relativeLinksOf(markdown), read)).toEqual([]);
  });

  it('names places that are there', () => {
    expect(placesOf(markdown).filter(({ target }) => !existsSync(join(root, target)))).toEqual([]);
  });

  it('names scripts that package.json has', () => {
    expect(npmScriptsOf(markdown).filter((name) => !scripts.includes(name))).toEqual([]);
  });
});

describe('docs/reference/errors.md', () => {
  it('explains every code, and no other', () => {
    const explained = headingsOf(read('docs/reference/errors.md') ?? '').filter((heading) => /^[A-Z_]+$/.test(heading));

    expect(explained).toEqual([...ERROR_CODES]);
  });

  it('explains every finding of the audit, and no other', () => {
    const explained = [...(read('docs/reference/errors.md') ?? '').matchAll(/^\| `([a-z-]+)`/gm)].map(
      ([, name]) => name,
    );
    const declared = [
      ...membersOfUnion('src/policy/policy.errors.ts', 'PolicyFault'),
      ...membersOfUnion('src/audit/audit-rule.ts', 'AuditFault'),
    ];

    expect(declared.length).toBeGreaterThan(6);
    expect(explained.sort()).toEqual(declared.sort());
  });
});

describe('docstrings', () => {
  it.each(['src', 'sample-app/src'])('of %s point at pages that are there', (folder) => {
    const broken = Object.entries(readSourceTree(join(root, folder))).flatMap(([path, text]) =>
      findBrokenLinks('', docsPagesOf(text), read).map((fault) => `${folder}/${path}${fault}`),
    );

    expect(broken).toEqual([]);
  });
});

describe('the checker', () => {
  const files: Record<string, string> = {
    'test/shop.ts': [
      'class Shop {',
      '  // #region price',
      '  price() {',
      '    // #region inner',
      '    return 1;',
      '    // #endregion',
      '',
      '  }',
      '  // #endregion',
      '}',
      '// #region open',
      '// #region twice',
      '// #endregion',
      '// #region twice',
      '// #endregion',
    ].join('\n'),
    'docs/guide.md': '# A guide\n\n## `@Cacheable`: what, and why?\n\n## Twice\n\n## Twice\n',
  };
  const readFile = (path: string) => files[path];

  it('takes the code of a region without its indentation and the marks inside', () => {
    const page = ['<!-- region: test/shop.ts#price -->', '', '```ts', 'old', '```', 'after'].join('\n');

    expect(syncBlocks(page, readFile)).toEqual({
      markdown: [
        '<!-- region: test/shop.ts#price -->',
        '',
        '```ts',
        'price() {',
        '  return 1;',
        '',
        '}',
        '```',
        'after',
      ].join('\n'),
      faults: [],
    });
  });

  it('keeps a block that is right, a block in a list, and blocks of other languages', () => {
    const page = [
      '- one',
      '',
      '  <!-- region: test/shop.ts#inner -->',
      '  ```js',
      '  return 1;',
      '  ```',
      '',
      '```bash',
      'npm ci',
      '```',
    ].join('\n');

    expect(syncBlocks(page, readFile)).toEqual({ markdown: page, faults: [] });
  });

  it('leaves a page alone that a program writes', () => {
    const page = '<!-- generated: npm run api:update -->\n```ts\ntype A = 1;\n```';

    expect(syncBlocks(page, readFile)).toEqual({ markdown: page, faults: [] });
  });

  it.each([
    ['a block without a mark', '', 'a ts block without a "region:" comment before it'],
    ['a file that is gone', '<!-- region: test/gone.ts#a -->', 'test/gone.ts does not exist'],
    ['a region that is gone', '<!-- region: test/shop.ts#gone -->', 'test/shop.ts has no region gone'],
    ['a region that never ends', '<!-- region: test/shop.ts#open -->', 'test/shop.ts never closes its region open'],
    ['two regions of one name', '<!-- region: test/shop.ts#twice -->', 'test/shop.ts has two regions twice'],
    ['a file that never runs', '<!-- region: docs/guide.md#a -->', 'docs/guide.md is not a file that runs'],
    ['a mark with prose in between', '<!-- region: test/shop.ts#price -->\nprose', 'a ts block without'],
  ])('sees %s, and leaves the block alone', (_, mark, what) => {
    const page = `${mark}\n\`\`\`ts\nold();\n\`\`\``;
    const { markdown, faults } = syncBlocks(page, readFile);

    expect(markdown).toBe(page);
    expect(faults).toEqual([{ line: page.split('\n').indexOf('```ts') + 1, what: expect.stringContaining(what) }]);
  });

  it('sees links that lead nowhere', () => {
    const page = [
      '[here](guide.md) [anchor](guide.md#cacheable-what-and-why) [again](guide.md#twice-1) [top](#first)',
      '# First',
      '[away](https://example.org/nothing.md) `[code](none.md)`',
      '```',
      '[fenced](none.md)',
      '```',
      '[gone](gone.md) [wrong](guide.md#nowhere) [self](#nowhere)',
      '[third](guide.md#twice-2)',
      '[reference]: ../gone.md "title"',
    ].join('\n');

    expect(findBrokenLinks('docs/page.md', relativeLinksOf(page), (path) => readFile(path) ?? own(path))).toEqual([
      ':7 gone.md',
      ':7 guide.md#nowhere',
      ':7 #nowhere',
      ':8 guide.md#twice-2',
      ':9 ../gone.md',
    ]);

    function own(path: string): string | undefined {
      return path === 'docs/page.md' ? page : undefined;
    }
  });

  it('sees a page that a docstring promises', () => {
    const source = '/**\n * @see docs/guide.md#twice\n * @see docs/levels.md#bounded\n */';

    expect(findBrokenLinks('', docsPagesOf(source), readFile)).toEqual([':3 docs/levels.md#bounded']);
  });

  it('sees the places that a page names, and no pattern', () => {
    const page =
      'In `src/` or `test/gone/`, as `src/<part>/*.ts` says.\n```text\n`docs/fenced.md`\n```\n`bench/run.mjs`';

    expect(placesOf(page)).toEqual([
      { target: 'test/gone/', line: 1 },
      { target: 'bench/run.mjs', line: 5 },
    ]);
  });

  it('sees the commands that a page names', () => {
    expect(npmScriptsOf('Run `npm run docs:sync`, then npm test.\n```bash\nnpm ci && npm run demo\n```')).toEqual([
      'docs:sync',
      'demo',
      'test',
    ]);
  });
});

/** Links whose file is missing, or whose page has no such heading. */
function findBrokenLinks(
  page: string,
  links: readonly Link[],
  readFile: (path: string) => string | undefined,
): readonly string[] {
  return links
    .filter(({ target }) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : posix.join(posix.dirname(page), path);
      const content = readFile(file);
      if (content === undefined) return !existsSync(join(root, file)) || anchor !== undefined;

      return anchor !== undefined && !anchorsOf(content).includes(anchor);
    })
    .map(({ target, line }) => `:${line} ${target}`);
}

/** The texts of a union of literals, which leaves no trace at run time. */
function membersOfUnion(path: string, name: string): string[] {
  return collect(path, read(path) ?? '', (node) => {
    const union = ts.findAncestor(node, ts.isTypeAliasDeclaration);
    return ts.isStringLiteral(node) && union?.name.text === name ? node : undefined;
  }).map(({ text }) => text);
}

function read(path: string): string | undefined {
  const file = join(root, path);

  return existsSync(file) && path.includes('.') ? readFileSync(file, 'utf8') : undefined;
}
