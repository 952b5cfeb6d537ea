import type { Mutant } from './mutant.js';

const READ = 'src/engine/read-through.ts';
const LOADS = 'src/engine/shared-loads.ts';
const ANSWERS = 'src/engine/load-answers.ts';
const LOADER = 'src/engine/origin-loader.ts';
const TRACE = 'src/context/load-trace.ts';

/** What the engine keeps around a read and a load, whatever it stands on. */
export const ENGINE_MUTANTS: readonly Mutant[] = [
  {
    name: 'flight-without-versions',
    guard: 'A caller does not join a load that began before a write which it knows of.',
    changes: [{ file: LOADS, find: '`${order.flightId}|${snapshotId(snapshot)}`', replace: 'order.flightId' }],
    killedBy: 'schedules',
    play: 'readers-and-writer/strong/in-memory',
  },
  {
    name: 'versions-read-after-the-load',
    guard: 'An entry names versions from before its load, so that a write during the load outdates it.',
    changes: [
      {
        file: LOADER,
        find: 'snapshot: trace.snapshot,\n      sealed,',
        replace: 'snapshot: call.versionsNow(),\n      sealed,',
      },
      {
        file: LOADS,
        find: 'this.loader.load(call, { ...order, flightId, startMs: this.clock.earliestMs(), audience });',
        replace:
          'this.loader.load({ ...call, versionsNow: () => this.versions.readOrMint({ common: call.policy.commonTags, own: snapshot.tags.slice(call.policy.commonTags.length) }) }, { ...order, flightId, startMs: this.clock.earliestMs(), audience });',
      },
    ],
    killedBy: 'schedules',
    play: 'readers-and-writer/strong/in-memory',
  },
  {
    name: 'joined-parts-unchecked',
    guard: 'What a joined load read on its way must still be current for whoever joined it.',
    changes: [
      {
        file: LOADS,
        find: 'if (isYoungEnough && (await this.isAsCurrentAs(snapshot, outcome.snapshot))) return outcome;',
        replace: 'if (isYoungEnough) return outcome;',
      },
    ],
    killedBy: 'schedules',
    play: 'joined-over-inner/strong/in-memory',
  },
  {
    name: 'joined-value-of-any-age',
    guard: 'A caller gets the value of a joined load only if it is no older than the caller may be given.',
    changes: [
      {
        file: LOADS,
        find: 'const isYoungEnough = outcome.asOfMs >= earliestMs && accepts(outcome);',
        replace: 'const isYoungEnough = accepts(outcome);',
      },
      {
        file: 'src/stampede/single-flight.ts',
        find: 'return flight.startedAtMs >= earliestStartMs ? flight : undefined;',
        replace: 'return flight;',
      },
    ],
    killedBy: 'schedules',
    play: 'unseen-write-and-time/bounded/in-memory',
  },
  {
    name: 'private-value-shared',
    guard: 'What a load made of its own caller is not given to those who joined it.',
    changes: [
      {
        file: ANSWERS,
        find: 'return isAnybodys(outcome) && outcome.snapshot !== undefined && outcome.taint === undefined;',
        replace: 'return outcome.snapshot !== undefined;',
      },
    ],
    killedBy: 'schedules',
    play: 'shared-load-that-looks-at-its-caller/strong/in-memory',
  },
  {
    name: 'identity-leaves-no-trace',
    guard: 'A load that looked at its caller is not stored for everybody.',
    changes: [
      {
        file: TRACE,
        find: "if (this.belonging.scope !== 'user' || !isKnown) this.mark('identity-read');",
        replace: '',
      },
    ],
    killedBy: 'schedules',
    play: 'shared-load-that-looks-at-its-caller/strong/in-memory',
  },
  {
    name: 'nobody-asks-whose-entry',
    guard: 'The key of an entry names whose it is, and so does the entry; either alone would do.',
    changes: [
      {
        file: 'src/storage/entry-store.ts',
        find: 'subject.id === undefined ? policy.keyPrefix + key',
        replace: 'true ? policy.keyPrefix + key',
      },
      {
        file: READ,
        find: "if (entry.subject !== call.subject.id) return this.rejectWrong(call, scope, 'subject', sighting);",
        replace: '',
      },
    ],
    killedBy: 'schedules',
    play: 'replies-of-others/strong/redis',
  },
  {
    name: 'narrower-part-in-wider-page',
    guard: 'What is made of something of one user is not stored for everybody.',
    changes: [{ file: TRACE, find: "if (!this.covers(read)) this.mark('narrower-scope-read');", replace: '' }],
    killedBy: 'schedules',
    play: 'shared-page-of-a-users-part/strong/in-memory',
  },
  {
    name: 'superseded-entry-served-strong',
    guard: 'An entry whose version was replaced is not served under the strong levels.',
    changes: [
      {
        file: 'src/consistency/versioned.rule.ts',
        find: 'if (superseded) return LOAD.superseded;',
        replace: '',
      },
    ],
    killedBy: 'schedules',
    play: 'readers-and-writer/strong/in-memory',
  },
  {
    name: 'superseded-entry-served-bounded',
    guard: 'An entry whose version was replaced is not served under bounded.',
    changes: [
      { file: 'src/consistency/bounded.rule.ts', find: 'if (superseded) return LOAD.superseded;', replace: '' },
    ],
    killedBy: 'schedules',
    play: 'readers-and-writer/bounded/in-memory',
  },
  {
    name: 'bound-unchecked',
    guard: 'A bounded value is not served past its bound.',
    changes: [
      {
        file: 'src/consistency/bounded.rule.ts',
        find: 'if (ageMs > policy.maxStalenessMs) return LOAD.boundExceeded;',
        replace: '',
      },
    ],
    killedBy: 'schedules',
    play: 'unseen-write-and-time/bounded/in-memory',
  },
  {
    name: 'as-of-at-load-end',
    guard: 'A value is as old as the start of its load, for it may have been read then.',
    changes: [
      {
        file: LOADER,
        find: 'asOfMs: trace.asOfMs,\n      ...lifetimeOf(call.policy, {\n        asOfMs: trace.asOfMs,',
        replace: 'asOfMs: endMs,\n      ...lifetimeOf(call.policy, {\n        asOfMs: endMs,',
      },
    ],
    killedBy: 'schedules',
    play: 'unseen-write-and-time/bounded/in-memory',
  },
  {
    name: 'as-of-of-parts-forgotten',
    guard: 'What is made of cached values is as old as the oldest of them.',
    changes: [{ file: TRACE, find: 'this.oldestAsOfMs = Math.min(this.oldestAsOfMs, read.asOfMs);', replace: '' }],
    killedBy: 'schedules',
    play: 'short-bound-in-long-one/bounded/in-memory',
  },
  {
    name: 'versions-of-parts-forgotten',
    guard: 'What evicts a part evicts what was made of it.',
    changes: [{ file: TRACE, find: 'else this.collected = merged;', replace: '' }],
    killedBy: 'schedules',
    play: 'joined-over-inner/strong/in-memory',
  },
  {
    name: 'parts-of-two-moments',
    guard: 'What was made of two versions of one tag is of no single moment, and not stored.',
    changes: [
      {
        file: TRACE,
        find: "if (merged === undefined) this.mark('versions-changed');\n    else",
        replace: 'if (merged !== undefined)',
      },
    ],
    killedBy: 'schedules',
    play: 'two-inners-of-one-row/linearizable/in-memory',
  },
  {
    name: 'demand-does-not-flow-down',
    guard: 'A strong value is not made of a weaker entry that nobody evicts.',
    changes: [
      {
        file: LOADER,
        find: 'const demand = tighten(scope.demand, policy.demand);',
        replace: 'const demand = scope.demand;',
      },
    ],
    killedBy: 'schedules',
    play: 'strong-over-weaker/bounded/in-memory',
  },
  {
    name: 'demanded-age-ignored',
    guard: "A caller's own bound holds for entries that are allowed to be older.",
    changes: [
      {
        file: 'src/consistency/decide-read.ts',
        find: 'if (demand.maxStalenessMs === 0 || ageMs > demand.maxStalenessMs) return LOAD.demandExceeded;',
        replace: '',
      },
    ],
    killedBy: 'schedules',
    play: 'demand-of-a-second/bounded/in-memory',
  },
  {
    name: 'demand-of-origin-joins',
    guard: 'Who demands the origin is not answered by a load that began before.',
    changes: [
      {
        file: ANSWERS,
        find: 'if (demand.maxStalenessMs === 0 || !gives(policy.consistency, demand.guarantee)) return Infinity;',
        replace: '',
      },
    ],
    killedBy: 'schedules',
    play: 'demand-of-origin/strong/in-memory',
  },
  {
    name: 'immutable-of-anything',
    guard: 'What an immutable value is made of is current, for it is kept for good.',
    changes: [
      {
        file: 'src/policy/demand.ts',
        find: "if (level === 'immutable') return { maxStalenessMs: 0, guarantee: 'strong' };",
        replace: '',
      },
    ],
    killedBy: 'schedules',
    play: 'immutable-of-old-parts/immutable/in-memory',
  },
  {
    name: 'weaker-part-in-linearizable',
    guard: 'A linearizable value is not stored when it was made of something whose writes are not announced.',
    changes: [
      {
        file: TRACE,
        find: "if (this.level === 'linearizable' && !gives(read.level, 'linearizable')) this.mark('weaker-level-read');",
        replace: '',
      },
    ],
    killedBy: 'schedules',
    play: 'linearizable-over-weaker/strong/in-memory',
  },
  {
    name: 'circle-of-flights',
    guard: 'No two loads wait for each other.',
    changes: [
      {
        file: 'src/stampede/flight-waits.ts',
        find: 'if (loads.includes(id)) return true;',
        replace: '',
      },
    ],
    killedBy: 'schedules',
    play: 'caches-that-read-each-other/strong/in-memory',
  },
  {
    name: 'joined-without-versions',
    guard: 'While the versions cannot be read, nobody joins a load that began before he came.',
    changes: [
      {
        file: LOADS,
        find: 'if (snapshot === undefined) return untilLeft(this.loadNext(call, scope, order), leaving);',
        replace:
          'if (snapshot === undefined) return this.loadOrJoin(call, scope, { ...order, snapshot: { tags: [], versions: [] } });',
      },
    ],
    killedBy: 'schedules',
    play: 'crowd-without-a-store/strong/redis',
  },
  {
    name: 'wrong-key-served',
    guard: 'An entry of another key is not served.',
    changes: [
      {
        file: 'src/storage/cache-manager-entry-store.ts',
        find: 'if (entry.key === fullKey) return',
        replace: 'return',
      },
      {
        file: READ,
        find: "if (entry.subject !== call.subject.id) return this.rejectWrong(call, scope, 'subject', sighting);",
        replace: '',
      },
    ],
    killedBy: 'schedules',
    play: 'replies-of-others/strong/redis',
  },
];
