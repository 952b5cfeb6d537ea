import { changeProcess } from './debts.js';
import { idleReader } from './state.js';
import {
  announce,
  at,
  change,
  changeKept,
  has,
  isAnnounced,
  nodeOf,
  put,
  setVersion,
  spent,
  withdraw,
} from './store.js';
import { mayCommit, type Operation } from './program.js';
import { restartSteps } from './restarts.js';
import { changeWriter } from './writer.js';
import type { State } from './state.js';
import type { VersionedSetup } from './setup.js';
import type { Step } from '../explore.js';

/*
 * What befalls store, network and processes, and what only the passing of time brings about.
 *
 * Abstractions: a lease ends, and a grace is over, as soon as the assumption allows it that stands in
 * docs/explanation/linearizable.md (a commit ends before its announcement does); both are renewed or begun as
 * `redis/redis-announcement.ts` and `redis/intent-grace.ts` do. A connection that was led to another server process is
 * what `RedisConnection` makes of it: the replies that were under way are lost.
 */

type Programs = readonly (readonly Operation[])[];

export function faultSteps(setup: VersionedSetup, programs: Programs, state: State): readonly Step<State>[] {
  return [
    ...lateLandings(state),
    ...crashes(setup, programs, state),
    ...commitsInFlight(state),
    ...renewals(setup, programs, state),
    ...endings(setup, programs, state),
    ...graceEndings(setup, programs, state),
    ...losses(setup, state),
    ...restartSteps(setup, state),
    ...(setup.replicaLags && state.replica < state.commits
      ? [{ says: `the replica shows value ${state.replica + 1}`, next: change(state, { replica: state.replica + 1 }) }]
      : []),
  ];
}

function lateLandings(state: State): readonly Step<State>[] {
  return state.late.map((command, index) => {
    const landed = change(state, { late: state.late.filter((_, place) => place !== index) });
    return command.puts === 'entry'
      ? {
          says: `the entry with value ${command.entry.value} reaches the store late`,
          next: changeKept(landed, { entry: command.entry }),
        }
      : {
          says: `version ${command.version} of tag ${command.tag + 1} reaches the store late`,
          next: setVersion(landed, command.tag, command.version),
        };
  });
}

function crashes(setup: VersionedSetup, programs: Programs, state: State): readonly Step<State>[] {
  if (!has(state, 'crash')) return [];

  return state.processes.flatMap(({ isAlive, owed }, process) => {
    if (!isAlive) return [];
    let dead = spent(state, 'crash');
    dead = changeProcess(dead, process, {
      isAlive: false,
      owed: owed.map(() => 0),
      lastDebt: 0,
      copy: undefined,
      told: 0,
    });
    const readers = dead.readers.map((reader, index) =>
      at(setup.readers, index).process === process ? idleReader(setup.tags, 0) : reader,
    );
    dead = change(dead, { readers });
    const sending: number[] = [];
    for (const [index, writer] of state.writers.entries()) {
      if (at(setup.writers, index).process !== process || writer.outcome === 'over') continue;
      dead = changeWriter(dead, index, { outcome: 'dead', written: 0, mark: 0 });
      if (writer.outcome === 'running' && programs[index]?.[writer.at]?.does === 'commit') sending.push(index);
    }
    const says = `process ${process + 1} crashes`;

    return [
      { says, next: dead },
      ...sending.map((index) => ({
        says: `${says}, with the statement of writer ${index + 1} under way`,
        next: changeWriter(dead, index, { isInFlight: true }),
      })),
    ];
  });
}

function commitsInFlight(state: State): readonly Step<State>[] {
  return state.writers.flatMap(({ isInFlight }, index) =>
    isInFlight
      ? [
          {
            says: `the statement of writer ${index + 1}, for which nobody waits, commits value ${state.commits + 1}`,
            next: changeWriter(change(state, { commits: state.commits + 1 }), index, { isInFlight: false }),
          },
        ]
      : [],
  );
}

/** `RedisAnnouncement.renew`: puts the announcement there again where it is gone. */
function renewals(setup: VersionedSetup, programs: Programs, state: State): readonly Step<State>[] {
  return state.writers.flatMap((writer, index) => {
    const program = at(programs, index);
    const commit = program.findIndex(({ does }) => does === 'commit');
    const withdrawing = program.findIndex(({ does }) => does === 'withdraw');
    const isHeld = withdrawing !== -1 && writer.at >= commit && writer.at <= withdrawing;
    if (!isHeld || writer.outcome === 'dead' || writer.outcome === 'refused') return [];

    return at(setup.writers, index)
      .tags.filter((tag) => !isAnnounced(state, tag, index))
      .map((tag) => ({
        says: `writer ${index + 1} renews its announcement of tag ${tag + 1}`,
        next: announce(state, tag, index),
      }));
  });
}

/** The lease of an announcement ends: by itself when nobody renews it any more, else as a fault. */
function endings(setup: VersionedSetup, programs: Programs, state: State): readonly Step<State>[] {
  return state.writers.flatMap((writer, index) => {
    const isRenewed = writer.outcome !== 'dead' && writer.outcome !== 'over';
    if (isRenewed && !has(state, 'lease-ends')) return [];
    if (setup.guards.lease && mayCommit(at(programs, index), writer)) return [];
    const ended = isRenewed ? spent(state, 'lease-ends') : state;

    return at(setup.writers, index)
      .tags.filter((tag) => isAnnounced(state, tag, index))
      .map((tag) => ({
        says: `the lease of writer ${index + 1} on tag ${tag + 1} ends`,
        next: withdraw(ended, tag, index),
      }));
  });
}

/** After a lease every writer that may still commit has announced again, or its own lease has passed as well. */
function graceEndings(setup: VersionedSetup, programs: Programs, state: State): readonly Step<State>[] {
  return state.nodes.flatMap((node, index) => {
    if (!node.inGrace) return [];
    const isUnheard = state.writers.some(
      (writer, place) =>
        mayCommit(at(programs, place), writer) &&
        at(setup.writers, place).tags.some((tag) => nodeOf(setup, tag) === index && !isAnnounced(state, tag, place)),
    );
    if (isUnheard) return [];

    return [
      {
        says: `a lease has passed since node ${index + 1} came`,
        next: change(state, { nodes: put(state.nodes, index, { ...node, inGrace: false }) }),
      },
    ];
  });
}

function losses(setup: VersionedSetup, state: State): readonly Step<State>[] {
  const steps: Step<State>[] = [];
  if (has(state, 'memory-pressure')) {
    const less = spent(state, 'memory-pressure');
    for (const [tag, version] of state.kept.versions.entries()) {
      if (version !== 0)
        steps.push({ says: `the store drops the version of tag ${tag + 1}`, next: setVersion(less, tag, 0) });
    }
    if (state.kept.entry !== undefined) {
      steps.push({ says: 'the store drops the entry', next: changeKept(less, { entry: undefined }) });
    }
  }
  if (has(state, 'intent-dropped') && !setup.guards.intentsKept) {
    for (const [tag, intents] of state.kept.intents.entries()) {
      if (intents === 0) continue;
      const next = changeKept(spent(state, 'intent-dropped'), { intents: put(state.kept.intents, tag, 0) });
      steps.push({ says: `the store drops the announcements of tag ${tag + 1}`, next });
    }
  }

  return steps;
}
