import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { headingsOf } from '../support/markdown.js';
import { collect, readSourceTree } from '../support/source-tree.js';

// The reference is complete when it names what the types name, and nothing else.

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const page = (name: string) => read(`docs/reference/${name}.md`);

/** The first cells of the table rows under a heading, without marks. */
function rowsUnder(name: string, heading: string): string[] {
  const lines = page(name).split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replaceAll('`', '').endsWith(heading));
  const end = lines.findIndex((line, index) => index > start && /^#+ /.test(line));

  return lines.slice(start, end < 0 ? undefined : end).flatMap((line) => /^\| \[?`([\w-]+)`/.exec(line)?.[1] ?? []);
}

/** The members of an interface, in order, without those that it inherits. */
function membersOf(path: string, name: string): string[] {
  return collect(path, read(path), (node) => {
    if (!ts.isPropertySignature(node) || !ts.isInterfaceDeclaration(node.parent)) return undefined;
    return node.parent.name.text === name ? node.name : undefined;
  }).map(({ text }) => text);
}

/** The texts of a union of literals. */
function unionOf(path: string, name: string): string[] {
  return collect(path, read(path), (node) => {
    const union = ts.findAncestor(node, ts.isTypeAliasDeclaration);
    return ts.isStringLiteral(node) && union?.name.text === name ? node : undefined;
  }).map(({ text }) => text.replaceAll("'", ''));
}

/** The texts of the literals that a member of an event may be. */
function membersOfField(event: string, field: string): string[] {
  const path = 'src/observability/cache-event.ts';

  return collect(path, read(path), (node) => {
    const member = ts.findAncestor(node, ts.isPropertySignature);
    const isThis = member?.name.getText() === field && ts.isInterfaceDeclaration(member.parent);
    return isThis && ts.isStringLiteral(node) && member.parent.name.text === event ? node : undefined;
  }).map(({ text }) => text.replaceAll("'", ''));
}

const sorted = (names: readonly string[]) => [...names].sort();

describe('the reference', () => {
  it('has every option of the module', () => {
    const options = membersOf('src/consistent-cache.options.ts', 'ConsistentCacheOptions');
    const described = headingsOf(page('options')).filter((heading) => options.includes(heading));

    expect(sorted(rowsUnder('options', 'All options'))).toEqual(
      sorted(options.filter((name) => name !== 'maxEntries')),
    );
    expect(described).toEqual(rowsUnder('options', 'All options'));
  });

  it.each([
    ['@Cacheable', ['CacheableDefaults', 'CacheablePolicy'], 'src/policy/cacheable-policy.ts'],
    ['@StaleTolerance', ['StaleTolerancePolicy'], 'src/policy/stale-tolerance.ts'],
    ['@CacheEvict', ['EvictPolicy'], 'src/policy/evict-policy.ts'],
    ['@NoCache', ['NoCachePolicy'], 'src/policy/stale-tolerance.ts'],
  ])('has every option of %s', (decorator, types, path) => {
    expect(sorted(rowsUnder('decorators', decorator))).toEqual(sorted(types.flatMap((type) => membersOf(path, type))));
  });

  it.each([
    ['decorators', 'load', { 'policy/load-policy': 'LoadPolicy', 'resilience/origin-options': 'OriginOptions' }],
    ['decorators', 'refresh', { 'policy/load-policy': 'RefreshPolicy' }],
    ['decorators', 'negative', { 'policy/load-policy': 'NegativePolicy' }],
    ['decorators', 'warmUp', { 'policy/load-policy': 'WarmUpPolicy' }],
  ])('has in %s every member of %s', (name, option, types) => {
    const members = Object.entries(types).flatMap(([path, type]) => membersOf(`src/${path}.ts`, type));

    expect(sorted(rowsUnder(name, ` ${option}`))).toEqual(sorted(members));
  });

  it('has everything that an origin takes', () => {
    const members = ['OriginOptions', 'BreakerOptions'].flatMap((type) =>
      membersOf('src/resilience/origin-options.ts', type),
    );

    expect(sorted(rowsUnder('options', ' origins'))).toEqual(sorted(members));
  });

  it('has every level', () => {
    const levels = unionOf('src/policy/consistency-level.ts', 'ConsistencyLevel');

    expect(headingsOf(page('levels')).filter((heading) => levels.includes(heading))).toEqual(levels);
  });

  it('has every event', () => {
    const files = [
      'src/observability/cache-event.ts',
      'src/coordination/shared-store.ts',
      'src/coordination/relay-event.ts',
    ];
    const types = files.flatMap((path) => [...read(path).matchAll(/readonly type: '([a-z-]+)'/g)]);

    expect(headingsOf(page('events')).filter((heading) => /^[a-z]+-[a-z-]+$/.test(heading))).toEqual(
      types.map(([, type]) => type),
    );
  });

  it('has every reason for a load', () => {
    const [title, ...reasons] = rowsUnder('events', 'entry-missed');

    expect(title).toBe('because');
    expect(sorted(reasons)).toEqual(sorted(unionOf('src/consistency/decision.ts', 'LoadReason')));
  });

  it('has every reason for a load in the background, and for one that came to nothing', () => {
    expect(rowsUnder('events', 'refresh-begun').slice(1)).toEqual([
      ...unionOf('src/consistency/decision.ts', 'RefreshReason'),
      'kept-warm',
    ]);
    expect(rowsUnder('events', 'load-failed').slice(1)).toEqual(membersOfField('LoadFailed', 'because'));
  });

  it('has every reason for not storing', () => {
    const reasons = [
      ...unionOf('src/observability/cache-event.ts', 'RefusalReason'),
      ...unionOf('src/observability/cache-event.ts', 'NotStoredReason'),
      ...unionOf('src/context/load-trace.ts', 'Taint'),
    ];

    expect(sorted(rowsUnder('events', 'Why a result was not stored'))).toEqual(sorted(reasons));
  });

  it('has every figure', () => {
    const path = 'src/observability/cache-metrics.ts';
    const types = ['CacheFigures', 'EvictionFigures', 'StoreFigures'];
    const figures = types.flatMap((type) => membersOf(path, type));

    expect(sorted(headingsOf(page('events')).filter((heading) => figures.includes(heading)))).toEqual(sorted(figures));
  });

  it('draws the floors that the architecture test keeps', () => {
    const [, table = ''] = /const FLOORS: Floors = \[\n([^;]+)\];/.exec(read('test/architecture.spec.ts')) ?? [];
    // A floor may be kept free for a part that is still to come.
    const built = (part: string) => part.endsWith('.*') || existsSync(join(root, 'src', part));
    const floors = table
      .split('\n')
      .map((line) => sorted([...line.matchAll(/'([\w.*-]+)'/g)].map(([, part = '']) => part).filter(built)))
      .filter((parts) => parts.length > 0);
    const drawn: string[][] = [];
    for (const [, floor, part = ''] of read('ARCHITECTURE.md').matchAll(/^\| (\d*) +\| `([\w.*-]+)` /gm)) {
      if (floor !== '') drawn.push([]);
      drawn.at(-1)?.push(part);
    }

    expect(floors.length).toBeGreaterThan(8);
    expect(drawn.map(sorted)).toEqual(floors);
  });

  it('names files that are there', () => {
    const files = Object.keys(readSourceTree(join(root, 'src'))).map((path) => `/${path}`);
    const named = [...read('ARCHITECTURE.md').matchAll(/`(?:src\/)?([\w./-]+\.ts)`/g)].map(([, path = '']) => path);
    const ofTheLibrary = named.filter((path) => !path.startsWith('test/'));

    expect(ofTheLibrary.length).toBeGreaterThan(30);
    expect(ofTheLibrary.filter((path) => !files.some((file) => file.endsWith(`/${path}`)))).toEqual([]);
  });
});
