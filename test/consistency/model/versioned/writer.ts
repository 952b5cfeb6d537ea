import { changeProcess, owe, settle } from './debts.js';
import {
  announce,
  at,
  change,
  drawn,
  epochAt,
  epochOf,
  has,
  isAnnounced,
  nextVersion,
  put,
  setVersion,
  spent,
  versionAt,
  withdraw,
} from './store.js';
import type { Operation } from './program.js';
import type { State, Writer } from './state.js';
import type { VersionedSetup } from './setup.js';
import type { Step } from '../explore.js';

/*
 * A write: `engine/eviction.ts`.
 *
 *   announce, fence, withdraw  `redis/redis-announcement.ts` (begin, confirm, withdraw); renewal is in `faults.ts`
 *   set, get                   `TagVersions.replace`, tried anew as often as another's command comes between
 *   commit                     the method
 *
 * Abstractions: the tags of one write are announced and replaced one after the other. A fence that finds nothing does not
 * announce again, as the real one does before it withdraws: fewer announcements only allow more.
 */

export function changeWriter(state: State, index: number, changes: Partial<Writer>): State {
  return change(state, { writers: put(state.writers, index, { ...at(state.writers, index), ...changes }) });
}

export function writerSteps(
  setup: VersionedSetup,
  programs: readonly (readonly Operation[])[],
  state: State,
  index: number,
): readonly Step<State>[] {
  const writer = at(state.writers, index);
  if (writer.outcome === 'over' || writer.outcome === 'dead') return [];
  const { process } = at(setup.writers, index);
  const program = at(programs, index);
  const { does, tag } = at(program, writer.at);
  const who = `writer ${index + 1}`;
  const on = (next: State, changes: Partial<Writer> = {}): State =>
    changeWriter(next, index, { at: writer.at + 1, ...changes });

  if (writer.outcome === 'refused' && (does === 'fence' || does === 'commit')) {
    return [{ says: `${who} is refused; nothing is committed`, next: refused(program, state, index) }];
  }
  switch (does) {
    case 'announce': {
      const epochs = put(writer.epochs, tag, epochAt(setup, state, tag));
      return [
        { says: `${who} announces its write of tag ${tag + 1}`, next: on(announce(state, tag, index), { epochs }) },
      ];
    }
    case 'set':
      return settingSteps(setup, program, state, index);
    case 'get': {
      if (epochOf(writer.written) !== epochAt(setup, state, tag)) {
        return [
          {
            says: `${who} loses its connection before it can read the version back`,
            next: failed(program, state, index, process),
          },
        ];
      }
      const isThere = versionAt(setup, state, tag) === writer.written || !setup.guards.uniqueVersions;
      return isThere
        ? [
            {
              says: `${who} reads its version of tag ${tag + 1} back`,
              next: on(settle(setup, state, process, tag, writer.mark), { written: 0 }),
            },
          ]
        : [
            {
              says: `${who} reads another version back and tries again`,
              next: changeWriter(state, index, { at: writer.at - 1, written: 0 }),
            },
          ];
    }
    case 'fence': {
      const holds = isAnnounced(state, tag, index) && writer.epochs[tag] === epochAt(setup, state, tag);
      return [
        holds
          ? { says: `${who} passes its fence at tag ${tag + 1}`, next: on(state) }
          : { says: `${who} finds its announcement gone and is refused`, next: refused(program, state, index) },
      ];
    }
    case 'commit':
      return committingSteps(state, index, who);
    case 'withdraw':
      return [
        setup.guards.announcedUntilOver && writer.isInFlight
          ? { says: `${who} leaves its announcement of tag ${tag + 1} to the lease`, next: on(state) }
          : { says: `${who} withdraws its announcement of tag ${tag + 1}`, next: on(withdraw(state, tag, index)) },
      ];
    case 'acknowledge':
      return [
        writer.outcome === 'running' && writer.value > 0
          ? {
              says: `${who} is acknowledged`,
              next: on(change(state, { acknowledged: Math.max(state.acknowledged, writer.value) }), {
                outcome: 'over',
              }),
            }
          : { says: `${who} ends with an error`, next: on(state, { outcome: 'over' }) },
      ];
  }
}

function committingSteps(state: State, index: number, who: string): readonly Step<State>[] {
  const { at: place } = at(state.writers, index);
  const value = state.commits + 1;
  const steps: Step<State>[] = [
    {
      says: `${who} commits value ${value}`,
      next: changeWriter(change(state, { commits: value }), index, { at: place + 1, value }),
    },
  ];
  if (has(state, 'method-fails')) {
    const next = changeWriter(spent(state, 'method-fails'), index, { at: place + 1, isInFlight: true });
    steps.push({ says: `the method of ${who} fails, while its statement is still under way`, next });
  }

  return steps;
}

function settingSteps(
  setup: VersionedSetup,
  program: readonly Operation[],
  state: State,
  index: number,
): readonly Step<State>[] {
  const writer = at(state.writers, index);
  const { process } = at(setup.writers, index);
  const { tag } = at(program, writer.at);
  const who = `writer ${index + 1}`;
  const version = writer.written === 0 ? nextVersion(setup, state, tag) : writer.written;
  const sent = drawn(state, version);
  const mark = at(state.processes, process).lastDebt;
  // Without reading back nobody will compare with it.
  const written = setup.guards.readBack ? version : 0;
  const done = (next: State): State => {
    const noted = writer.value > 0 ? change(next, { evicted: Math.max(next.evicted, writer.value) }) : next;
    return changeWriter(noted, index, { at: writer.at + 1, written, mark });
  };
  const bumps = `${who} replaces the version of tag ${tag + 1} by ${version}`;
  const late = [...state.late, { puts: 'version', tag, version } as const];
  const steps: Step<State>[] = [{ says: bumps, next: done(setVersion(sent, tag, version)) }];
  if (has(state, 'timeout')) {
    const delayed = change(spent(sent, 'timeout'), { late });
    steps.push({
      says: `${who} sends version ${version} of tag ${tag + 1} and hears nothing`,
      next: setup.guards.freshPerAttempt
        ? failed(program, delayed, index, process)
        : changeWriter(delayed, index, { written: version }),
    });
  }
  if (has(state, 'swallowed')) {
    steps.push({ says: `${bumps}, which is dropped and reported as done`, next: done(spent(sent, 'swallowed')) });
  }
  if (has(state, 'resend') && !setup.guards.noResend) {
    const twice = change(spent(setVersion(sent, tag, version), 'resend'), { late });
    steps.push({ says: `${bumps}, and its client will send that again`, next: done(twice) });
  }

  return steps;
}

/** A version could not be confirmed. The other tags are still tried; then the write is refused, or its caller is told. */
function failed(program: readonly Operation[], state: State, index: number, process: number): State {
  const writer = at(state.writers, index);
  const { does, tag } = at(program, writer.at);
  const next = owe(state, process, tag);
  const past = writer.at + (does === 'set' && program[writer.at + 1]?.does === 'get' ? 2 : 1);
  const isCommitted = program.slice(0, writer.at).some((operation) => operation.does === 'commit');
  if (!isCommitted) return changeWriter(next, index, { at: past, written: 0, outcome: 'refused' });

  const told = Math.max(at(next.processes, process).told, writer.value);
  return changeWriter(changeProcess(next, process, { told }), index, { at: past, written: 0, outcome: 'failed' });
}

function refused(program: readonly Operation[], state: State, index: number): State {
  const left = program.findIndex(({ does }) => does === 'withdraw' || does === 'acknowledge');

  return changeWriter(state, index, { at: left, written: 0, outcome: 'refused' });
}
