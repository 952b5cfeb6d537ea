/** One state of a tag. Compared for equality only: nothing about its order means anything. */
export type Version = string;

/**
 * The versions of an entry's tags that were current before its load began.
 *
 * Two parallel arrays instead of objects: every entry in memory has one.
 */
export interface VersionSnapshot {
  readonly tags: readonly string[];
  /** `versions[i]` is the version of `tags[i]`. */
  readonly versions: readonly Version[];
  /** Text that only an equal snapshot has, where an adapter has a shorter one than tags and versions written out. */
  readonly id?: string;
}

export const EMPTY_SNAPSHOT: VersionSnapshot = Object.freeze({ tags: Object.freeze([]), versions: Object.freeze([]) });

/**
 * What an outer load read, together with what an inner one read.
 *
 * @returns undefined when a tag stands in both with different versions: it was evicted in between, so no single moment
 * can vouch for the whole
 */
export function mergeSnapshots(a: VersionSnapshot, b: VersionSnapshot): VersionSnapshot | undefined {
  if (a.tags.length === 0) return b;
  if (b.tags.length === 0) return a;

  const merged = new Map(a.tags.map((tag, index) => [tag, a.versions[index]]));
  for (const [index, tag] of b.tags.entries()) {
    const version = b.versions[index];
    if (merged.has(tag) && merged.get(tag) !== version) return undefined;
    merged.set(tag, version);
  }

  return { tags: [...merged.keys()], versions: [...merged.values()] as Version[] };
}

/** Whether both hold the same tags with the same versions in the same order. */
export function isSameSnapshot(a: VersionSnapshot, b: VersionSnapshot): boolean {
  return (
    a.tags.length === b.tags.length &&
    a.tags.every((tag, index) => tag === b.tags[index] && a.versions[index] === b.versions[index])
  );
}

/**
 * Text that two snapshots share only when they hold the same tags with the same versions in the same order.
 *
 * A policy lists its tags in one order, so callers that saw the same versions get the same text.
 */
export function snapshotId(snapshot: VersionSnapshot): string {
  if (snapshot.id !== undefined) return snapshot.id;
  let id = '';
  for (const [index, tag] of snapshot.tags.entries()) {
    const version = snapshot.versions[index] ?? '';
    id += `${tag.length}:${tag}${version.length}:${version}`;
  }

  return id;
}
