import type { Mutant } from './mutant.js';

const READ = 'src/engine/read-through.ts';
const LOADS = 'src/engine/shared-loads.ts';
const ANSWERS = 'src/engine/load-answers.ts';
const LOADER = 'src/engine/origin-loader.ts';
const EVICTION = 'src/engine/eviction.ts';

/** What the engine keeps around a write, and around a load while a write is announced. */
export const WRITE_MUTANTS: readonly Mutant[] = [
  {
    name: 'eviction-not-awaited',
    guard: 'A write is acknowledged after its eviction is confirmed.',
    changes: [
      {
        file: EVICTION,
        find: 'await this.versions.bump(tags);',
        replace: 'void this.versions.bump(tags).catch(() => undefined);',
      },
    ],
    killedBy: 'schedules',
    play: 'readers-and-writer/strong/redis',
  },
  {
    name: 'no-announcement',
    guard: 'A linearizable write is announced before it commits.',
    changes: [
      {
        file: EVICTION,
        find: 'const announcing = this.intents.announce(tags);',
        replace: 'const announcing = this.intents.announce([]);',
      },
    ],
    killedBy: 'schedules',
    play: 'readers-around-slow-writer/linearizable/in-memory',
  },
  {
    name: 'no-first-eviction',
    guard: 'What was stored before a linearizable write is outdated before it commits.',
    changes: [
      {
        file: EVICTION,
        find: 'const bumping = this.versions.bump(tags);',
        replace: 'const bumping = Promise.resolve();',
      },
    ],
    killedBy: 'schedules',
    play: 'readers-one-after-another/linearizable/in-memory',
  },
  {
    name: 'no-second-eviction',
    guard: 'Levels that do not look for announcements may have stored the old value since the first eviction.',
    changes: [
      {
        file: EVICTION,
        find: 'await Promise.allSettled([this.evict(tags, by), announcement?.[how]()]);',
        replace: 'await Promise.allSettled([Promise.resolve(), announcement?.[how]()]);',
      },
    ],
    killedBy: 'schedules',
    play: 'other-level-under-announced-tag',
  },
  {
    name: 'no-fence',
    guard: 'A write does not begin unless its announcement is still there.',
    changes: [{ file: EVICTION, find: 'await announcement.confirm();', replace: '' }],
    killedBy: 'schedules',
    play: 'announcement-answered-late/linearizable/redis',
  },
  {
    name: 'announcement-stays-until-its-lease-ends',
    guard: 'A write that is over is withdrawn, so that values are stored again.',
    changes: [
      {
        file: EVICTION,
        find: 'await Promise.allSettled([this.evict(tags, by), announcement?.[how]()]);',
        replace: 'await Promise.allSettled([this.evict(tags, by)]);',
      },
    ],
    killedBy: 'schedules',
    play: 'kept-again-after-a-write/linearizable/in-memory',
  },
  {
    name: 'stored-while-announced',
    guard: 'What was loaded while a write was announced is stored nowhere.',
    changes: [{ file: LOADER, find: "if (order.announced) trace.mark('write-announced');", replace: '' }],
    killedBy: 'schedules',
    play: 'readers-around-slow-writer/linearizable/in-memory',
  },
  {
    name: 'running-load-joined-while-announced',
    guard: 'While a write is announced, nobody is answered by a load that began before he came.',
    changes: [
      {
        file: LOADS,
        find: '? untilLeft(this.loadNext(call, scope, { ...order, announced }), leaving)',
        replace: '? this.loadOrJoin(call, scope, { ...order, announced, snapshot }, undefined)',
      },
      {
        file: ANSWERS,
        find: 'return isAnybodys(outcome) && outcome.snapshot !== undefined && outcome.taint === undefined;',
        replace:
          "return isAnybodys(outcome) && outcome.snapshot !== undefined && (outcome.taint ?? 'write-announced') === 'write-announced';",
      },
    ],
    killedBy: 'schedules',
    play: 'readers-around-slow-writer/linearizable/in-memory',
  },
  {
    name: 'following-flight-shares-the-running-load',
    guard: 'Whoever finds a load running, while a write is announced, shares the next one.',
    changes: [
      {
        file: 'src/stampede/following-flight.ts',
        find: 'if (line.next === undefined) {',
        replace: 'return line.running;\n    if (line.next === undefined) {',
      },
    ],
    killedBy: 'schedules',
    play: 'readers-around-slow-writer/linearizable/slow-versions',
  },
  {
    name: 'announcements-looked-for-first',
    guard: 'Announced writes are looked for after the versions were read.',
    changes: [
      {
        file: READ,
        find: 'return whenReady(this.readOrMint(call, tags, miss.sighting), (snapshot) =>\n      this.loadUnder(call, scope, miss, snapshot),\n    );',
        replace:
          'const looked = this.loads.look(tags);\n    return whenReady(looked, () => whenReady(this.readOrMint(call, tags, miss.sighting), (snapshot) =>\n      this.loadUnder(call, scope, miss, snapshot),\n    ));',
      },
      {
        file: LOADS,
        find: 'private isAnnounced({ policy }: Invocation, { tags }: VersionSnapshot): boolean | Promise<boolean> {',
        replace:
          'looked: boolean | Promise<boolean> = false;\n  look(tags: { common: readonly string[]; own: readonly string[] }): boolean | Promise<boolean> { this.looked = this.intents.pending([...tags.common, ...tags.own]); return this.looked; }\n  private isAnnounced({ policy }: Invocation, { tags }: VersionSnapshot): boolean | Promise<boolean> {\n    if (policy !== undefined) return this.looked;',
      },
    ],
    killedBy: 'schedules',
    play: 'readers-around-slow-writer/linearizable/slow-versions',
  },
  {
    name: 'announcements-not-looked-for',
    guard: 'A linearizable load looks for announced writes before it begins.',
    changes: [
      {
        file: LOADS,
        find: "if (call.policy.consistency !== 'linearizable') return",
        replace: 'if (order.announced === false) return',
      },
    ],
    killedBy: 'schedules',
    play: 'readers-around-slow-writer/linearizable/in-memory',
  },
  {
    name: 'failed-write-is-withdrawn',
    guard: 'A write that failed without an answer may still be committed, and stays announced for a lease.',
    changes: [{ file: EVICTION, find: "isOriginFailure(error) ? 'abandon' : 'withdraw'", replace: "'withdraw'" }],
    killedBy: 'schedules',
    play: 'fails-and-commits/linearizable/in-memory',
  },
  {
    name: 'stored-inside-a-transaction',
    guard: 'What was loaded inside a transaction may be from before the commits of others, and is stored nowhere.',
    changes: [{ file: LOADER, find: "if (order.inTransaction === true) trace.mark('in-transaction');", replace: '' }],
    killedBy: 'schedules',
    play: 'snapshot-of-a-transaction/strong/in-memory',
  },
];
