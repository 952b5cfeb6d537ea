/**
 * What the protocol of versions and announcements does for a reason. Each can be left out, to see what it is good for.
 * Where it stands in `src/` is said beside the step that uses it. One does not stand there: `replicaLag`, so loads have to read
 * the primary. Without it the code is what the configuration that fails shows.
 */
export const GUARDS = {
  // DESIGN §4: version-validated entries.
  epoch: 'a version of another epoch counts as missing',
  epochPerPromotion: 'a server that becomes master again is another epoch than before',
  missingIsMiss: 'a version that is missing is a miss',
  uniqueVersions: 'a version is unique (random), not the next number',
  freshPerAttempt: 'each attempt to write a version draws a fresh one',
  noResend: 'the connection sends no command twice',
  readBack: 'a bump is confirmed by reading it back',
  versionsBeforeLoad: 'versions are read before the load begins',
  mintConfirmed: 'a minted version is confirmed before the load begins',
  flightsByVersions: 'flights are told apart by the versions that were read',
  evictAfterCommit: 'an eviction waits for the commit',
  owedEvictions: 'while an eviction is owed its process takes nothing under the tag for current',
  owedMark: 'what was sent before a debt was made does not pay it',
  nothingStoredInTransaction: 'nothing is stored inside an open transaction',
  replicaLag: 'nothing is stored within the lag of the replica after a bump',
  // DESIGN §5: bump, commit, bump with a fill barrier.
  announcement: 'writes are announced',
  announceFirst: 'a write is announced before its first bump',
  firstBump: 'versions are replaced before the commit',
  fence: 'a fence stands before the method',
  secondBump: 'versions are replaced again after the commit',
  barrier: 'readers look for announcements',
  intentsAfterVersions: 'announcements are looked for after the versions were read',
  nextLoad: 'while a write is announced only the next load is shared',
  lease: 'a commit ends before its announcement does',
  intentsKept: 'the store drops no announcement within an epoch',
  grace: 'for one lease a new server is not believed to know of no announcement',
  announcedUntilOver: 'a method that failed leaves its announcement to the lease',
  tagsBeforeCommit: 'the tags of a write are known before its commit',
} as const;

export type Guard = keyof typeof GUARDS;
export type Guards = Readonly<Record<Guard, boolean>>;

export function guardsWithout(removed: readonly Guard[]): Guards {
  const all = Object.keys(GUARDS) as Guard[];

  return Object.fromEntries(all.map((guard) => [guard, !removed.includes(guard)])) as Record<Guard, boolean>;
}
