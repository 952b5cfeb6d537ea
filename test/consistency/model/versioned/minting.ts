import { changeReader } from './answers.js';
import { isOwed, settle } from './debts.js';
import { loadNext } from './loads.js';
import { at, change, drawn, epochAt, epochOf, has, nextVersion, put, setVersion, spent, versionAt } from './store.js';
import type { VersionedSetup } from './setup.js';
import type { State } from './state.js';
import type { Step } from '../explore.js';

/*
 * Versions to load under: `RedisVersionStore.minted`, `TagVersions.mint` (SET NX, GET; SET, GET over another epoch's) and
 * `TagVersions.replace` while an eviction is owed.
 */

/** `RedisVersionStore.minted`: on with the next tag that has no version to load under. */
export function minted(setup: VersionedSetup, state: State, index: number, from = 0): State {
  const { versions, isAnnounced } = at(state.readers, index);
  const { process, level } = at(setup.readers, index);
  const missing = versions.findIndex(
    (version, tag) => tag >= from && (version <= 0 || isOwed(setup, state, process, tag)),
  );
  if (missing !== -1 && setup.guards.versionsBeforeLoad) {
    const mark = at(state.processes, process).lastDebt;
    return changeReader(state, index, { phase: 'minting', found: undefined, tag: missing, isForced: false, mark });
  }
  const looks = level === 'linearizable' && setup.guards.barrier;
  if (!looks) return changeReader(state, index, { phase: 'about to load', found: undefined, tag: 0, mark: 0 });
  if (setup.guards.intentsAfterVersions) {
    return changeReader(state, index, { phase: 'looking for announcements', found: undefined, tag: 0, mark: 0 });
  }
  const ready = changeReader(state, index, { phase: 'about to load', found: undefined, tag: 0, mark: 0 });

  return isAnnounced ? loadNext(setup, ready, index) : ready;
}

export function mintingSteps(setup: VersionedSetup, state: State, index: number, who: string): readonly Step<State>[] {
  const { tag, isForced } = at(state.readers, index);
  const { process } = at(setup.readers, index);
  const written = nextVersion(setup, state, tag);
  const isBlind = isForced || isOwed(setup, state, process, tag);
  const isSet = isBlind || at(state.kept.versions, tag) === 0;
  const sent = drawn(state, written);
  const reading = changeReader(isSet ? setVersion(sent, tag, written) : sent, index, {
    phase: 'reading back',
    written,
  });
  const steps: Step<State>[] = [
    {
      says: `${who} ${isBlind ? 'sets' : 'mints'} version ${written} of tag ${tag + 1}${isSet ? '' : ', but there is one'}`,
      next: reading,
    },
  ];
  if (has(state, 'timeout') && isSet) {
    const late = change(spent(sent, 'timeout'), { late: [...state.late, { puts: 'version', tag, version: written }] });
    steps.push({
      says: `${who} sends a new version ${written} of tag ${tag + 1} and hears nothing`,
      next: setup.guards.mintConfirmed ? withoutVersions(setup, late, index) : taken(setup, late, index, written),
    });
  }

  return steps;
}

export function readingBack(setup: VersionedSetup, state: State, index: number, who: string): Step<State> {
  const { tag, written, mark } = at(state.readers, index);
  const { process } = at(setup.readers, index);
  if (epochOf(written) !== epochAt(setup, state, tag)) {
    return {
      says: `${who} loses its connection before it can read the version back`,
      next: withoutVersions(setup, state, index),
    };
  }
  const version = versionAt(setup, state, tag);
  const isOwn = version === written;
  const again = changeReader(state, index, { phase: 'minting', written: 0, isForced: version === 0 });
  if (version === 0) return { says: `${who} reads a version of another epoch back`, next: again };
  if (isOwed(setup, state, process, tag) && !isOwn) return { says: `${who} reads another version back`, next: again };

  const settled = isOwn ? settle(setup, state, process, tag, mark) : state;
  return { says: `${who} reads version ${version} back`, next: taken(setup, settled, index, version) };
}

function taken(setup: VersionedSetup, state: State, index: number, version: number): State {
  const { versions, tag } = at(state.readers, index);
  const next = changeReader(state, index, { versions: put(versions, tag, version), written: 0, isForced: false });

  return minted(setup, next, index, tag + 1);
}

/** Without versions nothing is stored, and only the next load is shared. */
function withoutVersions(setup: VersionedSetup, state: State, index: number): State {
  return loadNext(setup, changeReader(state, index, { written: 0, isForced: false }), index);
}
