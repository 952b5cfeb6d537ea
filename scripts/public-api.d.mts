/** The page of the public surface, as the sources below `root` declare it now. */
export function describePublicApi(root: string): string;

export interface DoorSurface {
  readonly exported: readonly string[];
  readonly hidden: readonly string[];
}

/**
 * One door's surface, from declaration files by their path, such as `index.d.ts`. What the other doors export has its name
 * there, and is not hidden here.
 */
export function describeDoor(
  files: Readonly<Record<string, string>>,
  door: string,
  otherDoors?: readonly string[],
): DoorSurface;

/** The surfaces of several doors, as a page. */
export function pageOf(surfaces: readonly (DoorSurface & { readonly name: string })[]): string;
