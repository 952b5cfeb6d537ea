import { epochOf } from './store.js';
import type { Entry, Kept, Reader, State } from './state.js';
import type { VersionedSetup } from './setup.js';

/*
 * A state as text of one character for each number.
 *
 * Symmetry: versions are compared for equality and epoch only, so they are named by the order in which the text comes to them;
 * readers that are alike may change places. Nothing that cannot matter any more is written, such as acknowledgements where
 * the promise does not ask for them.
 */
export function keyOf(setup: VersionedSetup, state: State): string {
  const name = setup.guards.uniqueVersions ? namer() : (version: number): number => version;
  const text: number[] = [state.commits, state.wrong === undefined ? 0 : 1];
  if (setup.promised !== 'linearizable') text.push(state.acknowledged);
  if (setup.replicaLags) text.push(state.replica, state.evicted);
  for (const { epoch, inGrace } of state.nodes) text.push(epoch * 2 + (inGrace ? 1 : 0));
  writeKept(text, state.kept, name);
  text.push(state.lastEpoch, state.formerEpoch + 1);
  if (state.replicated === undefined) text.push(0);
  else {
    text.push(1);
    writeKept(text, state.replicated, name);
  }
  text.push(state.late.length);
  for (const command of state.late) {
    if (command.puts === 'entry') writeEntry(text, command.entry, name);
    else text.push(0, command.tag, name(command.version));
  }
  for (const { isAlive, owed, lastDebt, copy, told } of state.processes) {
    text.push(isAlive ? 1 : 0, ...owed, lastDebt, told);
    writeEntry(text, copy, name);
  }
  for (const fault of Object.values(state.faults)) text.push(fault);
  for (const { at, written, mark, value, epochs, outcome, isInFlight } of state.writers) {
    text.push(at, name(written), mark, value, ...epochs, OUTCOMES[outcome], isInFlight ? 1 : 0);
  }
  const readers = state.readers.map((reader, index) => {
    const { process, level, inTransaction } = setup.readers[index] ?? { process: 0, level: 'strong' };
    const kind = process * 4 + (level === 'strong' ? 0 : 2) + (inTransaction === true ? 1 : 0);
    return readerText(kind, reader, name);
  });

  return String.fromCharCode(...text) + readers.sort().join('');
}

/** Small numbers for versions, by the order in which they are met; those of one epoch can be told from those of another. */
function namer(): (version: number) => number {
  const names = new Map<number, number>();

  return (version) => {
    if (version <= 0) return version + 1;
    let name = names.get(version);
    if (name === undefined) {
      name = epochOf(version) * 64 + names.size + 2;
      names.set(version, name);
    }

    return name;
  };
}

function writeKept(text: number[], { versions, intents, entry }: Kept, name: (version: number) => number): void {
  for (const version of versions) text.push(name(version));
  text.push(...intents);
  writeEntry(text, entry, name);
}

function writeEntry(text: number[], entry: Entry | undefined, name: (version: number) => number): void {
  if (entry === undefined) {
    text.push(0);
    return;
  }
  text.push(entry.value + 1);
  for (const version of entry.versions) text.push(name(version));
}

function readerText(kind: number, reader: Reader, name: (version: number) => number): string {
  const text = [kind, reader.left, PHASES[reader.phase]];
  if (reader.phase !== 'idle') {
    text.push(reader.mustSee, reader.tag, reader.mark, reader.value);
    text.push((reader.isForced ? 2 : 0) + (reader.isAnnounced ? 1 : 0), name(reader.written));
    for (const version of reader.versions) text.push(name(version));
    if (typeof reader.found === 'object') writeEntry(text, reader.found, name);
    else text.push(reader.found === undefined ? 500 : 501);
  }

  return String.fromCharCode(...text);
}

const OUTCOMES = { running: 0, refused: 1, failed: 2, dead: 3, over: 4 } as const;

const PHASES = {
  idle: 0,
  'in transaction': 1,
  'checking the copy': 2,
  looking: 3,
  minting: 4,
  'reading back': 5,
  'looking for announcements': 6,
  'about to load': 7,
  loading: 8,
  joined: 9,
  sharing: 10,
  shared: 11,
  waiting: 12,
} as const;
