import { posix } from 'node:path';
import ts from 'typescript';
import { collect, computedImportsOf, importsOf, reExportsOf, type Mention, type SourceTree } from './source-tree.js';

/*
 * The rules of the house, each a pure function from a tree of sources to the sentences that it breaks.
 * No sentence, no fault. Which parts, doors and files are meant stands in architecture.spec.ts.
 */

/** The parts from the ground up. A part is a folder of src, or the files in its root that share a first word. */
export type Floors = readonly (readonly string[])[];

/** Files in folders that no floor knows, and folders that collect by kind instead of by idea. */
export function findHomeless(tree: SourceTree, floors: Floors): readonly string[] {
  const known = floors.flat();

  return Object.keys(tree).flatMap((path) => {
    if (/\/(types|interfaces|utils|helpers|common|shared|misc)\//.test(`/${path}`))
      return [`${path} stands in a folder named for no idea`];

    return known.includes(partOf(path)) ? [] : [`${path} belongs to no part of the table`];
  });
}

/** Imports, types included, that run up, or sideways into another part of the same floor. */
export function findClimbingImports(tree: SourceTree, floors: Floors): readonly string[] {
  const floorOf = (path: string) => floors.findIndex((parts) => parts.includes(partOf(path))) + 1;

  return eachImport(tree).flatMap(({ from, to, line }) => {
    if (to === undefined || partOf(from) === partOf(to) || floorOf(from) > floorOf(to)) return [];

    return [`${from}:${line} (floor ${floorOf(from)}) imports ${to} (floor ${floorOf(to)})`];
  });
}

/** Relative imports that lead out of the tree, or nowhere. */
export function findStrayImports(tree: SourceTree): readonly string[] {
  return eachImport(tree)
    .filter(({ to, specifier }) => to === undefined && specifier.startsWith('.'))
    .map(({ from, line, specifier }) => `${from}:${line} imports ${specifier}, which is no file of this tree`);
}

/** Module names that nobody can read without running the program, so that no rule could see them. */
export function findComputedImports(tree: SourceTree): readonly string[] {
  return eachFile(tree, computedImportsOf).map(({ path, line, text }) => `${path}:${line} imports a computed ${text}`);
}

/** Re-exports in a file that is not one of the public doors. */
export function findInternalBarrels(tree: SourceTree, doors: readonly string[]): readonly string[] {
  return eachFile(tree, (path, text) => (doors.includes(path) ? [] : reExportsOf(path, text))).map(
    ({ path, line, text }) => `${path}:${line} re-exports ${text}`,
  );
}

/** Imports from inside through a door that is meant for users, by its path or by the package's own name. */
export function findInsidersAtTheDoor(
  tree: SourceTree,
  doors: readonly string[],
  packageName: string,
): readonly string[] {
  return eachImport(tree)
    .filter(({ to, specifier }) => doors.includes(to ?? '') || isWithin(specifier, packageName))
    .map(({ from, line, specifier }) => `${from}:${line} comes in by a door: ${specifier}`);
}

/** Imports of a package, by any file outside the given parts. */
export function findPackageUsers(
  tree: SourceTree,
  packageName: RegExp,
  allowed: { readonly parts?: Floors[number]; readonly files?: readonly string[] },
): readonly string[] {
  return eachImport(tree)
    .filter(({ specifier }) => packageName.test(specifier))
    .filter(({ from }) => allowed.parts?.includes(partOf(from)) !== true && allowed.files?.includes(from) !== true)
    .map(({ from, line, specifier }) => `${from}:${line} imports ${specifier}`);
}

/** Any use of metadata outside the given file: `Reflect`, except for a method that the language itself gives it. */
export function findReflectUsers(tree: SourceTree, allowed: string): readonly string[] {
  return findGlobalUses(tree, allowed, (name) => {
    if (name.text !== 'Reflect') return undefined;
    const { parent } = name;
    const isOrdinary =
      ts.isPropertyAccessExpression(parent) && parent.expression === name && parent.name.text in Reflect;

    return isOrdinary && !/metadata|decorate/i.test(parent.name.text) ? undefined : parent;
  });
}

/** Any look at the machine's clocks outside the given file: `Date.now`, `performance`, `new Date()`, `process.hrtime`. */
export function findClockReaders(tree: SourceTree, allowed: string): readonly string[] {
  return findGlobalUses(tree, allowed, (name) => {
    if (name.text === 'performance' || name.text === 'hrtime') return name;

    return name.text === 'Date' && readsTheClock(name) ? name.parent : undefined;
  });
}

/** `async`, `await` and `.then` in a part that is meant to be pure. */
export function findAsynchrony(tree: SourceTree, part: string): readonly string[] {
  return eachFile(tree, (path, text) =>
    partOf(path) !== part
      ? []
      : collect(path, text, (node) => {
          const isAsync =
            node.kind === ts.SyntaxKind.AsyncKeyword ||
            ts.isAwaitExpression(node) ||
            (ts.isPropertyAccessExpression(node) && node.name.text === 'then');
          return isAsync ? node : undefined;
        }),
  ).map(({ path, line, text }) => `${path}:${line} is not pure: ${text}`);
}

/** `await` outside every function: with it, CommonJS could not `require()` the package. */
export function findTopLevelAwaits(tree: SourceTree): readonly string[] {
  return eachFile(tree, (path, text) =>
    collect(path, text, (node) => {
      const waits = ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined);
      return waits && ts.findAncestor(node, ts.isFunctionLike) === undefined ? node : undefined;
    }),
  ).map(({ path, line }) => `${path}:${line} waits at the top level`);
}

/** Circles of imports between files, types included; each is told once, from its first file by name. */
export function findCycles(tree: SourceTree): readonly string[] {
  const neighbours = new Map<string, string[]>(Object.keys(tree).map((path) => [path, []]));
  for (const { from, to } of eachImport(tree)) if (to !== undefined) neighbours.get(from)?.push(to);

  const cycles = new Set<string>();
  const finished = new Set<string>();
  for (const path of neighbours.keys()) walk(path, []);

  return [...cycles];

  function walk(path: string, trail: readonly string[]): void {
    const seenAt = trail.indexOf(path);
    if (seenAt >= 0) cycles.add(describeCycle(trail.slice(seenAt)));
    if (seenAt >= 0 || finished.has(path)) return;

    for (const next of neighbours.get(path) ?? []) walk(next, [...trail, path]);
    finished.add(path);
  }
}

function describeCycle(files: readonly string[]): string {
  const start = files.indexOf([...files].sort()[0] ?? '');
  const turned = [...files.slice(start), ...files.slice(0, start)];

  return [...turned, turned[0]].join(' → ');
}

function partOf(path: string): string {
  const [first = '', ...rest] = path.split('/');

  return rest.length > 0 ? first : `${first.split('.')[0] ?? ''}.*`;
}

interface ResolvedImport {
  readonly from: string;
  readonly line: number;
  readonly specifier: string;
  /** Absent for a package, and for a path that leads out of the tree. */
  readonly to: string | undefined;
}

function eachImport(tree: SourceTree): readonly ResolvedImport[] {
  return eachFile(tree, importsOf).map(({ path, line, text: specifier }) => ({
    from: path,
    line,
    specifier,
    to: specifier.startsWith('.') ? resolveIn(tree, path, specifier) : undefined,
  }));
}

function resolveIn(tree: SourceTree, from: string, specifier: string): string | undefined {
  const path = posix.join(posix.dirname(from), specifier);

  return [path, path.replace(/\.js$/, '.ts'), `${path}.ts`, `${path}/index.ts`].find((each) => each in tree);
}

function eachFile(
  tree: SourceTree,
  read: (path: string, text: string) => readonly Mention[],
): readonly (Mention & { readonly path: string })[] {
  return Object.entries(tree).flatMap(([path, text]) => read(path, text).map((mention) => ({ ...mention, path })));
}

function isWithin(specifier: string, packageName: string): boolean {
  return specifier === packageName || specifier.startsWith(`${packageName}/`);
}

function findGlobalUses(
  tree: SourceTree,
  allowed: string,
  select: (name: ts.Identifier) => ts.Node | undefined,
): readonly string[] {
  return eachFile(tree, (path, text) =>
    path === allowed ? [] : collect(path, text, (node) => (ts.isIdentifier(node) ? select(node) : undefined)),
  ).map(({ path, line, text }) => `${path}:${line} uses ${text}`);
}

/** `new Date(ms)`, `Date.UTC(…)` and the type `Date` tell no time; the rest might. */
function readsTheClock(date: ts.Identifier): boolean {
  const { parent } = date;
  if (ts.isNewExpression(parent)) return (parent.arguments ?? []).length === 0;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === date && parent.name.text === 'now';

  return (
    (ts.isCallExpression(parent) && parent.expression === date) ||
    (ts.isElementAccessExpression(parent) && parent.expression === date) ||
    (ts.isVariableDeclaration(parent) && parent.initializer === date)
  );
}
