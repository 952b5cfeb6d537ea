import type { Mutant } from './mutant.js';

const TICKET = 'src/context/session-ticket.ts';
const EVICTION = 'src/engine/eviction.ts';
const ANSWERS = 'src/engine/load-answers.ts';

/** What a caller's session keeps. */
export const SESSION_MUTANTS: readonly Mutant[] = [
  {
    name: 'ticket-not-asked',
    guard: 'Under session an entry is served only if the ticket refuses nothing.',
    changes: [
      {
        file: 'src/consistency/session.rule.ts',
        find: "decision.action === 'load' || situation.session === 'ok' ? decision : LOADS[situation.session]",
        replace: 'LOADS === undefined ? decision : decision',
      },
    ],
    killedBy: 'schedules',
    play: 'mover-and-unseen-write/session/in-memory',
  },
  {
    name: 'own-writes-not-noted',
    guard: 'A caller does not see an entry that was loaded before its own write.',
    changes: [
      {
        file: EVICTION,
        find: 'if (this.concerns.hasSessions()) this.scopes.current().session?.current().wrote(tags, this.clock.nowMs());',
        replace: '',
      },
    ],
    killedBy: 'schedules',
    play: 'own-write-that-is-not-evicted/session/redis',
  },
  {
    name: 'own-write-noted-only-when-evicted',
    guard: 'A caller sees its own write, whether or not its eviction succeeded.',
    changes: [
      {
        file: EVICTION,
        find: '} finally {\n      this.noteWritten(tags);\n    }',
        replace: '}\n    this.noteWritten(tags);',
      },
      {
        file: EVICTION,
        find: 'this.noteWritten(planned.flatMap(({ tags }) => tags));',
        replace: '',
      },
    ],
    killedBy: 'schedules',
    play: 'own-write-that-is-not-evicted/session/redis',
  },
  {
    name: 'seen-values-not-noted',
    guard: 'A caller is not shown what may be older than what it saw last.',
    changes: [
      {
        file: TICKET,
        find: "if (last !== undefined && !isLastSeen && !(asOfMs > last.notBeforeMs)) return 'behind-last-seen';",
        replace: '',
      },
    ],
    killedBy: 'schedules',
    play: 'seen-and-older-entry/session/in-memory',
  },
  {
    name: 'seen-until-load-start',
    guard: 'What a caller saw may have been read as late as the end of its load.',
    changes: [
      {
        file: TICKET,
        find: 'const notBeforeMs = Math.max(Math.ceil(loadEndMs), last?.notBeforeMs ?? 0);',
        replace: 'const notBeforeMs = Math.max(Math.ceil(asOfMs), last?.notBeforeMs ?? 0);',
      },
    ],
    killedBy: 'schedules',
    play: 'seen-and-older-entry/session/in-memory',
  },
  {
    name: 'session-begins-at-zero',
    guard: 'A session that begins does not know what its caller saw before, and is shown nothing from before.',
    changes: [
      {
        file: TICKET,
        find: "if (!isLastSeen && !isOwn && !(asOfMs > this.begunMs)) return 'before-own-write';",
        replace: '',
      },
    ],
    killedBy: 'schedules',
    play: 'session-over-a-restart/session/redis-with-copies',
  },
  {
    name: 'ticket-of-another-epoch',
    guard: 'The instants of a ticket say nothing about a store that has restarted since.',
    changes: [
      {
        file: 'src/context/ticket-codec.ts',
        find: "if (!reader.bytes(EPOCH_BYTES).equals(digestOf(epoch))) return { fault: 'other-epoch' };",
        replace: 'reader.bytes(EPOCH_BYTES);',
      },
    ],
    killedBy: 'harness',
  },
  {
    name: 'session-of-old-parts',
    guard: 'What a session is shown is made of nothing that is behind what it has seen.',
    changes: [
      {
        file: 'src/policy/demand.ts',
        find: "if (level === 'session') return { maxStalenessMs, guarantee: 'linearizable' };",
        replace: '',
      },
    ],
    killedBy: 'schedules',
    play: 'session-over-parts/session/in-memory',
  },
  {
    name: 'joined-value-not-asked-of-the-ticket',
    guard: 'The value of a joined load is judged by the ticket, as an entry is.',
    changes: [
      {
        file: ANSWERS,
        find: "if (call.policy.consistency !== 'session' || session === undefined) return () => true;",
        replace: 'if (call !== undefined) return () => true;',
      },
    ],
    killedBy: 'schedules',
    play: 'seen-beside-a-running-load/session/in-memory',
  },
];
