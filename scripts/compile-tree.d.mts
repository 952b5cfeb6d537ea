/** A place in the sources that a copy of them has otherwise. */
export interface SourceChange {
  /** From the top: `src/engine/read-through.ts`. */
  readonly file: string;
  /** A text that stands exactly once in it. */
  readonly find: string;
  readonly replace: string;
}

export interface CompiledTree {
  readonly folder: string;
  /** Where a source lies compiled: `sample-app/src/main.ts`. */
  pathOf(file: string): string;
  remove(): void;
}

/** The text to change stands there not at all, or more than once. */
export class ChangeNotFoundError extends Error {}

/**
 * Compiles the library alone, with the shop, or with all tests but the spec files. The package is found by its name there.
 *
 * @throws {ChangeNotFoundError}
 */
export function compileTree(
  parts: 'library' | 'shop' | 'tests',
  changes?: readonly SourceChange[],
): Promise<CompiledTree>;
