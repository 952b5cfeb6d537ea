import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import ts from 'typescript';

/** The text of files by their path below one folder, always with `/`. A test writes small trees as literals. */
export type SourceTree = Readonly<Record<string, string>>;

/** Something that a file says, and on which line. */
export interface Mention {
  readonly text: string;
  readonly line: number;
}

/** Every TypeScript file below a folder. */
export function readSourceTree(folder: string): SourceTree {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort();

  return Object.fromEntries(paths.map((path) => [path.split(sep).join('/'), readFileSync(join(folder, path), 'utf8')]));
}

/** What a file imports: static, type-only, dynamic and `require`, import types, and what it re-exports from elsewhere. */
export function importsOf(path: string, text: string): readonly Mention[] {
  return collect(path, text, (node) => pick(moduleNameIn(node), ts.isStringLiteralLike));
}

/** Imports whose module name is known only when the program runs. */
export function computedImportsOf(path: string, text: string): readonly Mention[] {
  return collect(path, text, (node) => pick(moduleNameIn(node), (name) => !ts.isStringLiteralLike(name)));
}

/** The names that a file passes on without declaring them: `export … from`, and an import that is exported again. */
export function reExportsOf(path: string, text: string): readonly Mention[] {
  const imported = new Set(
    collect(path, text, (node) =>
      ts.isImportClause(node) || ts.isImportSpecifier(node) || ts.isNamespaceImport(node) ? node.name : undefined,
    ).map((name) => name.text),
  );

  return collect(path, text, (node) => {
    if (ts.isExportDeclaration(node)) return node.moduleSpecifier;
    if (ts.isExportSpecifier(node)) return pick(node.propertyName ?? node.name, (name) => imported.has(name.text));
    if (ts.isExportAssignment(node)) return pick(node.expression, (it) => ts.isIdentifier(it) && imported.has(it.text));

    return undefined;
  });
}

/** The nodes that `select` answers for, as text. String literals come without their quotes. */
export function collect(
  path: string,
  text: string,
  select: (node: ts.Node) => ts.Node | undefined,
): readonly Mention[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const mentions: Mention[] = [];
  visit(file);

  return mentions;

  function visit(node: ts.Node): void {
    const found = select(node);
    if (found !== undefined) {
      const line = file.getLineAndCharacterOfPosition(found.getStart()).line + 1;
      mentions.push({ text: ts.isStringLiteralLike(found) ? found.text : found.getText(), line });
    }
    ts.forEachChild(node, visit);
  }
}

function moduleNameIn(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument;
  if (ts.isExternalModuleReference(node)) return node.expression;

  return isDynamicImport(node) ? node.arguments[0] : undefined;
}

function isDynamicImport(node: ts.Node): node is ts.CallExpression {
  if (!ts.isCallExpression(node)) return false;
  const { expression } = node;

  return (
    expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === 'require')
  );
}

function pick<T extends ts.Node>(node: T | undefined, wanted: (node: T) => boolean): T | undefined {
  return node !== undefined && wanted(node) ? node : undefined;
}
