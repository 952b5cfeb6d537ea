import type { Guards } from './guards.js';
import type { WriterSetup } from './setup.js';
import type { Writer } from './state.js';

/* The order of a write: `engine/eviction.ts` (announcing, announce, conclude; around and evict for the other levels). */

export interface Operation {
  readonly does: 'announce' | 'set' | 'get' | 'fence' | 'commit' | 'withdraw' | 'acknowledge';
  readonly tag: number;
}

/** What a write does, in order. */
export function programOf({ level, tags }: WriterSetup, guards: Guards): readonly Operation[] {
  const each = (...does: readonly Operation['does'][]): readonly Operation[] =>
    tags.flatMap((tag) => does.map((one) => ({ does: one, tag })));
  const bump = guards.readBack ? each('set', 'get') : each('set');
  const commit: Operation = { does: 'commit', tag: -1 };
  const acknowledge: Operation = { does: 'acknowledge', tag: -1 };
  if (level === 'strong' || !guards.tagsBeforeCommit) {
    return guards.evictAfterCommit ? [commit, ...bump, acknowledge] : [...bump, commit, acknowledge];
  }
  const announcing = guards.announcement ? each('announce') : [];
  const first = guards.firstBump ? bump : [];

  return [
    ...(guards.announceFirst ? [...announcing, ...first] : [...first, ...announcing]),
    ...(guards.announcement && guards.fence ? each('fence') : []),
    commit,
    ...(guards.secondBump ? bump : []),
    ...(guards.announcement ? each('withdraw') : []),
    acknowledge,
  ];
}

/** Whether its statement may commit any time from now on; by assumption its announcement holds so long. */
export function mayCommit(program: readonly Operation[], writer: Writer): boolean {
  return writer.isInFlight || (writer.outcome === 'running' && program[writer.at]?.does === 'commit');
}
