import { change, has, nodeOf, put, spent } from './store.js';
import type { VersionedSetup } from './setup.js';
import type { Kept, State } from './state.js';
import type { Step } from '../explore.js';

/*
 * Servers that come and go: `redis/server-facts.ts` (epochOf), `redis/redis-connection.ts`, `redis/intent-grace.ts`.
 *
 * Abstractions: connections are led to the new server at once, and the replies that were under way are lost. A replica takes
 * the whole state of one moment. What nothing here allows is two masters at once: within an epoch the store is one copy.
 */

export function restartSteps(setup: VersionedSetup, state: State): readonly Step<State>[] {
  const steps: Step<State>[] = [];
  if (has(state, 'restart')) {
    for (const index of state.nodes.keys()) {
      const isHere = (tag: number): boolean => nodeOf(setup, tag) === index;
      const kept: Kept = {
        versions: state.kept.versions.map((version, tag) => (isHere(tag) ? 0 : version)),
        intents: state.kept.intents.map((intents, tag) => (isHere(tag) ? 0 : intents)),
        entry: isHere(0) ? undefined : state.kept.entry,
      };
      steps.push({
        says: `node ${index + 1} restarts with nothing`,
        next: inNewEpoch(setup, spent(state, 'restart'), index, kept),
      });
    }
  }
  if (state.nodes.length > 1 || (!has(state, 'failover') && !has(state, 'failback'))) return steps;

  if (state.replicated !== state.kept) {
    steps.push({ says: 'the replica of the store takes its state', next: change(state, { replicated: state.kept }) });
  }
  if (state.replicated === undefined) return steps;
  const { replicated } = state;
  if (has(state, 'failover')) {
    const failed = change(spent(state, 'failover'), { formerEpoch: state.nodes[0]?.epoch ?? 0 });
    steps.push({
      says: 'the store fails over to its replica, and to its state',
      next: inNewEpoch(setup, failed, 0, replicated),
    });
  }
  if (has(state, 'failback') && state.formerEpoch !== -1) {
    const failed = spent(state, 'failback');
    const says = 'the former master, as a replica by now, becomes master again with the state that it took';
    if (setup.guards.epochPerPromotion) steps.push({ says, next: inNewEpoch(setup, failed, 0, replicated) });
    else {
      // The same process, so the same `run_id`; readers know it, and have waited for its lease long ago.
      const node = { epoch: state.formerEpoch, inGrace: false };
      steps.push({ says, next: change(failed, { kept: replicated, nodes: [node], replicated: undefined }) });
    }
  }

  return steps;
}

function inNewEpoch(setup: VersionedSetup, state: State, node: number, kept: Kept): State {
  const epoch = state.lastEpoch + 1;
  const nodes = put(state.nodes, node, { epoch, inGrace: setup.guards.grace });

  return change(state, { kept, nodes, lastEpoch: epoch });
}
