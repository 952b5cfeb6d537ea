import type { Mutant } from './mutant.js';

const TAGS = 'src/coordination/redis/tag-versions.ts';
const STORE = 'src/coordination/redis/redis-version-store.ts';
const OWED = 'src/coordination/redis/owed-evictions.ts';
const ANNOUNCEMENT = 'src/coordination/redis/redis-announcement.ts';
const INTENTS = 'src/coordination/redis/redis-write-intents.ts';
const EVICTION = 'src/engine/eviction.ts';

/** What the adapters of Redis keep. */
export const REDIS_MUTANTS: readonly Mutant[] = [
  {
    name: 'epoch-not-compared',
    guard: 'A version that a server remembers from before its restart is trusted by nobody.',
    changes: [
      {
        file: 'src/coordination/redis/redis-version.ts',
        find: "return value?.startsWith(epoch) === true && value[epoch.length] === '.' ? value : undefined;",
        replace: 'return epoch === undefined ? undefined : value;',
      },
    ],
    killedBy: 'schedules',
    play: 'old-state-returns/strong/redis',
  },
  {
    name: 'epoch-of-copies-not-compared',
    guard: "A copy's version counts only in the epoch of the server that vouches for it.",
    changes: [
      {
        file: TAGS,
        find: 'answer.value === versions[index] && versionIn(answer) !== undefined',
        replace: 'answer.value === versions[index]',
      },
    ],
    killedBy: 'schedules',
    play: 'old-state-returns/strong/redis-with-copies',
  },
  {
    name: 'version-sent-again',
    guard: 'Each attempt to replace a version writes one that was never sent before.',
    changes: [
      {
        file: TAGS,
        find: 'const version = freshVersion(epoch);',
        replace:
          'const version = (this.last ??= new Map()).get(tag) ?? freshVersion(epoch);\n    this.last.set(tag, version);',
      },
      {
        file: TAGS,
        find: 'if (readBack === version) return version;',
        replace: 'if (readBack === version) {\n        this.last.delete(tag);\n        return version;\n      }',
      },
    ],
    killedBy: 'schedules',
    play: 'late-commands/strong/redis',
  },
  {
    name: 'not-read-back',
    guard: 'A version counts as replaced when its replacement has been read back.',
    changes: [{ file: TAGS, find: 'if (readBack === version) return version;', replace: 'return version;' }],
    killedBy: 'schedules',
    play: 'swallowed-write/strong/redis',
  },
  {
    name: 'any-version-read-back',
    guard: 'Only its own version, read back, proves that the replacement was carried out.',
    changes: [
      {
        file: TAGS,
        find: 'if (readBack === version) return version;',
        replace: 'if (readBack !== undefined) return version;',
      },
    ],
    killedBy: 'schedules',
    play: 'swallowed-write/strong/redis',
  },
  {
    name: 'missing-version-is-current',
    guard: 'A tag without a version is never taken for one that was not evicted.',
    changes: [
      {
        file: STORE,
        find: 'else if (observed.versions[place] !== versions[index]) return false;',
        replace:
          'else if (observed.versions[place] !== undefined && observed.versions[place] !== versions[index]) return false;',
      },
    ],
    killedBy: 'schedules',
    play: 'metadata-dies-first/strong/redis',
  },
  {
    name: 'failed-eviction-not-owed',
    guard: 'An eviction that failed is owed until it is confirmed.',
    changes: [{ file: STORE, find: 'if (failed.length > 0) this.owed.add(failed);', replace: '' }],
    killedBy: 'schedules',
    play: 'owed-eviction/strong/redis',
  },
  {
    name: 'owed-entry-served',
    guard: 'While an eviction is owed, no entry under its tag is served here.',
    changes: [
      { file: STORE, find: 'if (this.owed.has(tag)) return false;', replace: '' },
      {
        file: STORE,
        find: 'return tag !== undefined && this.owed.has(tag) ? undefined : version;',
        replace: 'return version;',
      },
    ],
    killedBy: 'schedules',
    play: 'owed-eviction/strong/redis',
  },
  {
    name: 'owed-copy-served',
    guard: 'While an eviction is owed, no copy under its tag is served here.',
    changes: [{ file: STORE, find: '!tags.some((tag) => this.owed.has(tag)) && ', replace: '' }],
    killedBy: 'schedules',
    play: 'owed-eviction/strong/redis-with-copies',
  },
  {
    name: 'owed-version-minted',
    guard: 'What was there before an eviction that is owed is replaced before something is stored under it.',
    changes: [
      {
        file: STORE,
        find: 'owed.includes(tag) ? this.versions.replace(tag) : this.versions.mint(tag)',
        replace: 'this.versions.mint(tag)',
      },
    ],
    killedBy: 'schedules',
    play: 'owed-under-two-caches',
  },
  {
    name: 'debts-never-tried',
    guard: 'What is owed is tried again when the store answers.',
    changes: [{ file: OWED, find: 'this.stopListening ??= this.link.onProbe(() => void this.tryAll());', replace: '' }],
    killedBy: 'schedules',
    play: 'owed-eviction/strong/redis',
  },
  {
    name: 'lease-not-renewed',
    guard: 'An announcement is kept alive for as long as its write runs.',
    changes: [
      {
        file: ANNOUNCEMENT,
        find: 'this.renewal = setInterval(() => void this.renew(), this.leaseMs / 3);',
        replace: 'this.renewal = setInterval(() => undefined, this.leaseMs / 3);',
      },
    ],
    killedBy: 'schedules',
    play: 'lease-of-a-long-write/linearizable/redis',
  },
  {
    name: 'vanished-announcement-confirmed',
    guard: 'The fence refuses a write whose announcement was not there any more.',
    changes: [{ file: ANNOUNCEMENT, find: 'if (!isThere) this.isGone = true;', replace: '' }],
    killedBy: 'schedules',
    play: 'announcement-dropped/linearizable/redis',
  },
  {
    name: 'no-grace-after-restart',
    guard: 'For one lease after a restart nothing is taken for unannounced.',
    changes: [{ file: INTENTS, find: ' || (await this.grace.isRunning(key, epoch))', replace: '' }],
    killedBy: 'schedules',
    play: 'announcement-forgotten-by-a-restart/linearizable/redis',
  },
  {
    name: 'no-grace-after-promotion',
    guard: 'A replica that was promoted has been up for long, and knows no more than one that has just started.',
    changes: [
      {
        file: 'src/coordination/redis/intent-grace.ts',
        find: 'FOLLOWED_BEFORE.test(info) ? 0 : surelyServedMs',
        replace: 'surelyServedMs',
      },
    ],
    killedBy: 'schedules',
    play: 'announcement-unknown-to-a-replica/linearizable/redis',
    samples: 60_000,
  },
  {
    name: 'evicted-before-announced',
    guard: 'A reader that sees the new version sees the announcement as well.',
    changes: [
      {
        file: EVICTION,
        find: 'const announcing = this.intents.announce(tags);\n    const bumping = this.versions.bump(tags);',
        replace: 'const bumping = this.versions.bump(tags);\n    const announcing = this.intents.announce(tags);',
      },
    ],
    killedBy: 'schedules',
    play: 'announcement-and-its-eviction',
  },
  {
    name: 'announcement-that-failed-is-none',
    guard: 'An announcement that cannot be looked for may be there.',
    changes: [
      {
        file: 'src/engine/shared-loads.ts',
        find: "operation: 'intents', cause });\n          return true;",
        replace: "operation: 'intents', cause });\n          return false;",
      },
    ],
    killedBy: 'schedules',
    play: 'announcement-not-to-be-asked-for/linearizable/redis',
  },
  {
    name: 'announcements-without-an-end',
    guard:
      'What its process no longer renews is over, so that a death does not keep values from being stored for ever.',
    changes: [
      {
        file: INTENTS,
        find: "  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', time[1] * 1000 + math.floor(time[2] / 1000))\n",
        replace: '',
      },
    ],
    killedBy: 'harness',
  },
];
