import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../..');

/** What the compiler says of each program, by the program's name; an empty list when it compiles. */
export function complaintsOf(programs: Readonly<Record<string, string>>): ReadonlyMap<string, readonly string[]> {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const files = new Map(Object.entries(programs).map(([name, text], index) => [fileOf(index), { name, text }]));

  const host = ts.createCompilerHost(options);
  const onDisk = ts.createCompilerHost(options);
  host.fileExists = (path) => files.has(path) || onDisk.fileExists(path);
  host.readFile = (path) => files.get(path)?.text ?? onDisk.readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const written = files.get(path);

    return written === undefined
      ? onDisk.getSourceFile(path, target, ...rest)
      : ts.createSourceFile(path, written.text, target);
  };

  // One program for all: what costs is reading the libraries.
  const program = ts.createProgram([...files.keys()], options, host);

  return new Map(
    [...files].map(([path, { name }]) => {
      const source = program.getSourceFile(path);
      const diagnostics = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];

      return [name, diagnostics.map(complaint)];
    }),
  );
}

/** What the editor would underline, and what it would say. */
function complaint({ file, start = 0, length, messageText }: ts.Diagnostic): string {
  return `${file?.text.substring(start, start + (length ?? 0)) ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
}

/** Beside the specs, so that packages are found; nothing is written there. */
function fileOf(index: number): string {
  return join(ROOT, 'test/types', `program-${index}.ts`);
}
