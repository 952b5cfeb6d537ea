import type { Mutant } from './mutant.js';

const TIERED = 'src/storage/tiered-entry-store.ts';
const CELLS = 'src/coordination/watched-cells.ts';
const READ = 'src/engine/read-through.ts';
const STORE = 'src/coordination/redis/redis-version-store.ts';

/** What copies in a process, and what it hears of evictions, keep. */
export const COPY_MUTANTS: readonly Mutant[] = [
  {
    name: 'copy-without-proof',
    guard: 'A copy answers by itself only while silence proves that nothing evicted it.',
    changes: [
      { file: TIERED, find: ' && this.feed.isProven()) return copy.lookup;', replace: ') return copy.lookup;' },
    ],
    killedBy: 'schedules',
    play: 'copy-and-far-writer/eventual',
  },
  {
    name: 'outdated-copy-served',
    guard: 'A copy whose eviction was heard of never answers.',
    changes: [
      {
        file: TIERED,
        find: 'return entry.snapshot instanceof WatchedSnapshot && entry.snapshot.isCurrent ? { lookup, entry } : undefined;',
        replace: 'return { lookup, entry };',
      },
      {
        file: STORE,
        find: 'return snapshot.isCurrent && !contradicts(observed, snapshot);',
        replace: 'return !contradicts(observed, snapshot);',
      },
    ],
    killedBy: 'schedules',
    play: 'copy-and-far-writer/eventual',
  },
  {
    name: 'strict-levels-by-hearsay',
    guard: 'The strict levels do not learn of evictions by hearsay.',
    changes: [
      {
        file: TIERED,
        find: "new Set(['bounded', 'eventual', 'immutable'])",
        replace: "new Set(['bounded', 'eventual', 'immutable', 'strong', 'linearizable'])",
      },
    ],
    killedBy: 'schedules',
    play: 'copy-of-a-stricter-level/strong',
  },
  {
    name: 'copy-not-vouched-for',
    guard: 'Under the strict levels a copy answers when the store has vouched for its versions.',
    changes: [{ file: READ, find: 'const isOutdated = !isCurrent || scope', replace: 'const isOutdated = scope' }],
    killedBy: 'schedules',
    play: 'copy-of-a-stricter-level/strong',
  },
  {
    name: 'own-copy-not-outdated',
    guard: 'Copies are outdated before the writer hears that its eviction is done.',
    changes: [{ file: STORE, find: 'this.watch?.forget(tags);', replace: '' }],
    killedBy: 'schedules',
    play: 'copy-and-near-writer/eventual',
  },
  {
    name: 'copies-survive-deafness',
    guard: 'Who did not listen for a while forgets what was watched before.',
    changes: [
      {
        file: CELLS,
        find: 'startListening(): void {\n    this.outdateAll();',
        replace: 'startListening(): void {',
      },
    ],
    killedBy: 'schedules',
    play: 'copy-and-deafness/eventual',
  },
  {
    name: 'cell-made-for-the-answer',
    guard:
      'A version is watched from before it is asked for, or an answer from before a change is taken for one from after it.',
    changes: [
      {
        file: CELLS,
        find: 'return this.listening ? new ExpectedCells(tags.map((tag) => this.cellOf(tag))) : NOTHING_EXPECTED;',
        replace:
          'return { learn: (versions) => { if (this.listening) new ExpectedCells(tags.map((tag) => this.cellOf(tag))).learn(versions); } };',
      },
    ],
    killedBy: 'schedules',
    play: 'copy-in-the-making/eventual',
  },
  {
    name: 'copy-gets-younger',
    guard: 'An entry keeps its own instants on its way into a copy.',
    changes: [
      { file: TIERED, find: 'asOfMs: entry.asOfMs,', replace: 'asOfMs: entry.asOfMs + 800,' },
      { file: TIERED, find: 'freshUntilMs: entry.freshUntilMs,', replace: 'freshUntilMs: entry.freshUntilMs + 800,' },
    ],
    killedBy: 'schedules',
    play: 'copy-and-time/bounded',
  },
];
