import { changeProcess, isOwed } from './debts.js';
import { endLoad, endSharedLoad, loadNext, loadOrJoin } from './loads.js';
import { at, nodeOf, put, versionAt } from './store.js';
import { minted, mintingSteps, readingBack } from './minting.js';
import { answer, changeReader } from './answers.js';
import type { Reader, State } from './state.js';
import type { VersionedSetup } from './setup.js';
import type { Step } from '../explore.js';

/*
 * A read: `engine/read-through.ts`.
 *
 *   checking the copy           `readCopy`: the versions alone, of all tags at once
 *   looking                     `readBeside` and `judge`: entry and versions, by one command or in any order
 *   minting, reading back       `RedisVersionStore.minted`: `TagVersions.mint` (SET NX, GET; SET, GET over another epoch's),
 *                               or `replace` while an eviction is owed
 *   looking for announcements   `SharedLoads.isAnnounced`, with `IntentGrace`
 *   about to load … waiting     `loads.ts`
 *
 * Abstractions: tags are minted, and asked for announcements, one after the other. An entry has no ttl: what it allows is
 * only more.
 */

export function readerSteps(setup: VersionedSetup, state: State, index: number): readonly Step<State>[] {
  const reader = at(state.readers, index);
  const who = `reader ${index + 1}`;
  switch (reader.phase) {
    case 'idle':
      return reader.left === 0 ? [] : [beginning(setup, state, index, who)];
    case 'in transaction':
      return [{ says: `${who} begins to read within its transaction`, next: begin(setup, state, index, reader.value) }];
    case 'checking the copy':
      return [checkingCopy(setup, state, index, who)];
    case 'looking':
      return lookingSteps(setup, state, index, who);
    case 'minting':
      return mintingSteps(setup, state, index, who);
    case 'reading back':
      return [readingBack(setup, state, index, who)];
    case 'looking for announcements':
      return [lookingForAnnouncements(setup, state, index, who)];
    case 'about to load':
      return [loadOrJoin(setup, state, index, who)];
    case 'loading':
      return endLoad(setup, state, index, who);
    case 'sharing':
      return [endSharedLoad(setup, state, index, who)];
    case 'joined':
    case 'shared':
    case 'waiting':
      return [];
  }
}

function beginning(setup: VersionedSetup, state: State, index: number, who: string): Step<State> {
  if (setup.readers[index]?.inTransaction === true) {
    const opened = changeReader(state, index, { phase: 'in transaction', value: state.commits });
    return { says: `${who} opens a transaction, which sees value ${state.commits}`, next: opened };
  }

  return { says: `${who} begins to read`, next: begin(setup, state, index, 0) };
}

function begin(setup: VersionedSetup, state: State, index: number, value: number): State {
  const { process, level } = at(setup.readers, index);
  const { copy } = at(state.processes, process);
  const begun = changeReader(state, index, { phase: 'looking', mustSee: leastAllowed(setup, state, process), value });
  if (level === 'linearizable' && setup.guards.barrier && !setup.guards.intentsAfterVersions) {
    return changeReader(begun, index, { phase: 'looking for announcements' });
  }

  return copy === undefined ? begun : changeReader(begun, index, { phase: 'checking the copy', found: copy });
}

/** What the promise says of a read that begins now. */
function leastAllowed({ promised }: VersionedSetup, state: State, process: number): number {
  switch (promised) {
    case 'linearizable':
      return state.commits;
    case 'strong':
      return state.acknowledged;
    case 'strong-and-owed':
      return Math.max(state.acknowledged, at(state.processes, process).told);
    case 'strong-and-abandoned':
      return Math.max(
        state.acknowledged,
        ...state.writers.map(({ outcome, value }) => (outcome === 'dead' ? value : 0)),
      );
    case 'strong-over-replica':
      return Math.min(state.acknowledged, state.replica);
  }
}

function checkingCopy(setup: VersionedSetup, state: State, index: number, who: string): Step<State> {
  const { process } = at(setup.readers, index);
  const versions = at(state.readers, index).versions.map((_, tag) => versionAt(setup, state, tag));
  const asked = changeReader(state, index, { versions });
  const { found } = at(asked.readers, index);
  if (typeof found === 'object' && isValid(setup, asked, index)) {
    return {
      says: `${who} finds the versions of its copy current: value ${found.value}`,
      next: answer(setup, asked, index, found.value),
    };
  }
  const forgotten = changeProcess(state, process, { copy: undefined });

  return {
    says: `${who} finds its copy outdated and forgets it`,
    next: changeReader(forgotten, index, { phase: 'looking', found: undefined }),
  };
}

function lookingSteps(setup: VersionedSetup, state: State, index: number, who: string): readonly Step<State>[] {
  const reader = at(state.readers, index);
  const found = state.kept.entry ?? 'absent';
  const entry = found === 'absent' ? 'no entry' : `the entry with value ${found.value}`;
  if (setup.lookup === 'at once') {
    const versions = reader.versions.map((_, tag) => versionAt(setup, state, tag));
    const next = judged(setup, changeReader(state, index, { found, versions }), index);
    return [{ says: `${who} finds ${entry} and versions ${versions.map(named).join(', ')}`, next }];
  }
  const steps: Step<State>[] = [];
  if (reader.found === undefined) {
    steps.push({ says: `${who} finds ${entry}`, next: judged(setup, changeReader(state, index, { found }), index) });
  }
  for (const [tag, asked] of reader.versions.entries()) {
    if (asked !== -1) continue;
    const version = versionAt(setup, state, tag);
    const next = judged(setup, changeReader(state, index, { versions: put(reader.versions, tag, version) }), index);
    steps.push({ says: `${who} reads the version of tag ${tag + 1}: ${named(version)}`, next });
  }

  return steps;
}

function named(version: number): string {
  return version === 0 ? 'none' : String(version);
}

/** `judge`, once everything that was asked for is there. */
function judged(setup: VersionedSetup, state: State, index: number): State {
  const { found, versions } = at(state.readers, index);
  if (found === undefined || versions.includes(-1)) return state;
  if (found === 'absent' || !isValid(setup, state, index)) return minted(setup, state, index);
  const { process } = at(setup.readers, index);
  const copied = setup.copies ? changeProcess(state, process, { copy: found }) : state;

  return answer(setup, copied, index, found.value);
}

/** `RedisVersionStore.isCurrent` */
function isValid(setup: VersionedSetup, state: State, index: number): boolean {
  const { found, versions } = at(state.readers, index);
  if (typeof found !== 'object') return false;

  return versions.every((version, tag) => {
    if (isOwed(setup, state, at(setup.readers, index).process, tag)) return false;
    return version === 0 ? !setup.guards.missingIsMiss : version === found.versions[tag];
  });
}

function lookingForAnnouncements(setup: VersionedSetup, state: State, index: number, who: string): Step<State> {
  const reader: Reader = at(state.readers, index);
  const { tag } = reader;
  const isThere = at(state.kept.intents, tag) !== 0;
  const { inGrace } = at(state.nodes, nodeOf(setup, tag));
  const isAnnounced = reader.isAnnounced || isThere || inGrace;
  const silence = inGrace ? 'an announcement of tag' : 'no announcement of tag';
  const says = `${who} finds ${isThere ? 'an announcement of tag' : silence} ${tag + 1}${!isThere && inGrace ? ' possible, after the restart' : ''}`;
  if (tag + 1 < setup.tags) return { says, next: changeReader(state, index, { tag: tag + 1, isAnnounced }) };
  const looked = changeReader(state, index, { isAnnounced, tag: 0 });
  if (!setup.guards.intentsAfterVersions) return { says, next: changeReader(looked, index, { phase: 'looking' }) };

  return {
    says,
    next: isAnnounced ? loadNext(setup, looked, index) : changeReader(looked, index, { phase: 'about to load' }),
  };
}
