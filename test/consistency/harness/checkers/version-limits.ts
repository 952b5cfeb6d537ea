import type { CommittedWrite, RegisterRecord } from '../history/register-record.js';

/*
 * What is known of the instants at which the versions of a register came to be, although nobody saw a commit happen. Versions
 * are commits in their order, so what limits one limits its neighbours. Arrays are indexed by version; version 0 was always
 * there, and the one after the last never came.
 */

/** For each version the earliest instant at which it can have been current: its write, and all before it, had begun. */
export function earliest(commits: readonly CommittedWrite[]): Float64Array {
  const limits = new Float64Array(commits.length + 1).fill(-Infinity);
  commits.forEach(({ begunNs }, index) => {
    limits[index + 1] = Math.max(begunNs, at(limits, index));
  });

  return limits;
}

/** For each version the latest instant by which it, or one after it, had come to be, as far as `instantOf` knows of each. */
export function latest(commits: readonly CommittedWrite[], instantOf: (write: CommittedWrite) => number): Float64Array {
  const limits = new Float64Array(commits.length + 2).fill(Infinity);
  commits.forEach((write, index) => {
    limits[index + 1] = instantOf(write);
  });

  return carriedBack(limits);
}

/**
 * The same, known from commits that were heard of and from reads that saw the version. A read that cannot have seen it, because
 * nobody had begun to write it, is a fault of its own and limits nobody.
 */
export function latestSeen({ commits, reads }: RegisterRecord, earliestNs: Float64Array): Float64Array {
  const limits = latest(commits, ({ committedNs }) => committedNs);
  for (const { version, endedNs, outcome } of reads) {
    if (outcome === 'failed' || version > commits.length || endedNs < at(earliestNs, version)) continue;
    limits[version] = Math.min(at(limits, version), endedNs);
  }

  return carriedBack(limits);
}

/** When its writer was told that it had succeeded: from then on a strong read must see it. */
export function acknowledgedNs({ outcome, endedNs }: CommittedWrite): number {
  return outcome === 'acknowledged' ? endedNs : Infinity;
}

export function at(limits: Float64Array, version: number): number {
  const limit = limits[version];
  if (limit === undefined) throw new RangeError(`there is no version ${version}`);

  return limit;
}

/** Whoever has seen a version knows that all before it have been. */
function carriedBack(limits: Float64Array): Float64Array {
  for (let version = limits.length - 2; version >= 0; version -= 1) {
    limits[version] = Math.min(at(limits, version), at(limits, version + 1));
  }

  return limits;
}
