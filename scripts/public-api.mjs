import { dirname, join, posix, relative, sep } from 'node:path';
import ts from 'typescript';

/*
 * What a user of the package can see: every exported name with its declared signature, and the types that stand in
 * those signatures without being exported themselves. Comments, bodies and private members are nobody's contract, and
 * neither is a constructor that takes what has no exported name: only Nest can call it.
 */

/** What users import, and the declaration file that they then read. */
const DOORS = {
  'nestjs-consistent-cache': 'index.d.ts',
  'nestjs-consistent-cache/postgres': 'coordination/postgres/index.d.ts',
  'nestjs-consistent-cache/redis': 'coordination/redis/index.d.ts',
  'nestjs-consistent-cache/testing': 'testing/index.d.ts',
};

/** The declaration files of the library by their path below `src`, as the build would emit them. */
function emitDeclarations(root, doors) {
  const config = join(root, 'tsconfig.build.json');
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(config, ts.sys.readFile).config, ts.sys, root);
  const { rootDir, outDir } = options;
  const program = ts.createProgram(
    doors.map((door) => join(rootDir, door.replace(/\.d\.ts$/, '.ts'))),
    { ...options, emitDeclarationOnly: true, sourceMap: false },
  );

  const files = {};
  program.emit(undefined, (path, text) => {
    files[relative(outDir, path).split(sep).join('/')] = text;
  });

  return files;
}

/** One door's surface as TypeScript, sorted by name. What the other doors export has its name there. */
export function describeDoor(files, door, otherDoors = []) {
  const program = programOf(files, [door, ...otherDoors]);
  const checker = program.getTypeChecker();
  const exported = exportsOf(door).map((symbol) => ({
    name: symbol.name,
    symbol: resolve(symbol),
    isTypeOnly: symbol.declarations.some((declaration) => ts.isTypeOnlyExportDeclaration(declaration)),
  }));
  const named = new Set([door, ...otherDoors].flatMap(exportsOf).map(resolve));
  const hidden = new Set();
  for (const { symbol } of exported) follow(symbol);

  return { exported: exported.sort(byName).map(describeExport), hidden: [...hidden].sort(byName).map(describeSymbol) };

  function resolve(symbol) {
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  }

  function exportsOf(path) {
    const source = program.getSourceFile(`/${path}`);
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${path} exports nothing, or is not there`);

    return checker.getExportsOfModule(module);
  }

  function follow(symbol) {
    for (const other of symbol.declarations.map(visibleOf).flatMap(symbolsIn)) {
      if (named.has(other) || hidden.has(other)) continue;
      hidden.add(other);
      follow(other);
    }
  }

  function visibleOf(declaration) {
    const { transformed } = ts.transform(declaration, [
      (context) => (root) =>
        ts.visitNode(root, function visit(node) {
          return isPrivate(node) || isForNestAlone(node) ? undefined : ts.visitEachChild(node, visit, context);
        }),
    ]);

    return transformed[0];
  }

  function isForNestAlone(node) {
    if (!ts.isConstructorDeclaration(node)) return false;

    return node.parameters.flatMap(symbolsIn).some((symbol) => !named.has(symbol));
  }

  /** The symbols of our own that a declaration mentions; those of Node, Nest and the language have their own makers. */
  function symbolsIn(node) {
    const original = ts.getOriginalNode(node);
    const mentioned = ts.isIdentifier(original) ? checker.getSymbolAtLocation(original) : undefined;
    const target = mentioned === undefined ? undefined : resolve(mentioned);
    const found = target?.declarations?.some(isTopLevel) ? [target] : [];
    ts.forEachChild(node, (child) => void found.push(...symbolsIn(child)));

    return found;
  }

  function describeExport({ name, symbol, isTypeOnly }) {
    const text = describeSymbol(symbol);
    const isValue = (symbol.flags & ts.SymbolFlags.Value) !== 0;
    const notes = [
      ...(name === symbol.name ? [] : [`// exported as ${name}`]),
      ...(isTypeOnly && isValue ? ['// exported as a type only'] : []),
    ];

    return [...notes, text].join('\n');
  }

  function describeSymbol(symbol) {
    const printer = ts.createPrinter({ removeComments: true });

    return (symbol.declarations ?? [])
      .map((declaration) => {
        const node = visibleOf(declaration);
        const text = printer.printNode(ts.EmitHint.Unspecified, node, declaration.getSourceFile());
        return (ts.isVariableDeclaration(declaration) ? `const ${text};` : text)
          .replace(/^export (default )?/, '')
          .replace(/^declare /, '');
      })
      .join('\n');
  }
}

/** The page that is committed: each door's surface under the name that users import it by. */
export function describePublicApi(root) {
  const files = emitDeclarations(root, Object.values(DOORS));

  return pageOf(
    Object.entries(DOORS).map(([name, door]) => {
      const others = Object.values(DOORS).filter((other) => other !== door);
      return { name, ...describeDoor(files, door, others) };
    }),
  );
}

export function pageOf(surfaces) {
  const preface = [
    '<!-- generated: npm run api:update -->',
    '# Public surface',
    'Every name that users can import, and its declared signature. A test compares this page with the code, so that no change of the surface is an accident.',
  ];
  const sections = surfaces.flatMap(({ name, exported, hidden }) => [
    `## ${name}`,
    block(exported),
    ...(hidden.length === 0 ? [] : ['### Not exported, but part of a signature', block(hidden)]),
  ]);

  return `${[...preface, ...sections].join('\n\n')}\n`;
}

function block(declarations) {
  return ['```ts', declarations.join('\n\n'), '```'].join('\n');
}

function byName(a, b) {
  return a.name < b.name ? -1 : 1;
}

function programOf(files, doors) {
  const options = {
    noLib: true,
    types: [],
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    module: ts.ModuleKind.ESNext,
  };
  const host = {
    ...ts.createCompilerHost(options),
    fileExists: (path) => path.slice(1) in files,
    readFile: (path) => files[path.slice(1)],
    directoryExists: () => true,
    getDirectories: () => [],
    getCurrentDirectory: () => '/',
    getSourceFile: (path, version) =>
      path.slice(1) in files ? ts.createSourceFile(path, files[path.slice(1)], version, true) : undefined,
    resolveModuleNameLiterals: (literals, from) =>
      literals.map(({ text }) => {
        const path = posix.join(dirname(from), text).replace(/\.js$/, '.d.ts');
        const isOurs = text.startsWith('.') && path.slice(1) in files;
        return { resolvedModule: isOurs ? { resolvedFileName: path, extension: ts.Extension.Dts } : undefined };
      }),
  };

  return ts.createProgram(
    doors.map((door) => `/${door}`),
    options,
    host,
  );
}

function isTopLevel(declaration) {
  return ts.isSourceFile(statementOf(declaration).parent) && !ts.isImportDeclaration(statementOf(declaration));
}

function statementOf(declaration) {
  return ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
}

function isPrivate(node) {
  if (ts.isConstructorDeclaration(node)) return false;
  if (node.name !== undefined && ts.isPrivateIdentifier(node.name)) return true;

  return (
    ts.canHaveModifiers(node) &&
    ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) === true
  );
}
