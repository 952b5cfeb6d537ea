import { CallerSession } from '../../../../src/context/caller-session.js';
import type { TicketIssue } from '../../../../src/context/caller-session.js';
import type { Rows } from './history.js';
import type { Instance } from './instance.js';
import { evicting } from './scheduled-world.js';
import type { ScheduledWorld } from './scheduled-world.js';

/** What a caller does next in its session. */
export type SessionAct =
  { readonly read: () => Promise<Rows>; readonly at: Instance } | { readonly write: string; readonly at: Instance };

/**
 * One caller does several things, one after the other, and brings its ticket from each to the next.
 *
 * Each takes a millisecond, because a session is told by instants.
 */
export function inSession(world: ScheduledWorld, by: string, ...acts: readonly SessionAct[]): Promise<void> {
  return world.doing(by, { ...world.here, name: by }, async () => {
    let ticket: string | undefined;
    let known: Rows = {};
    for (const act of acts) {
      await world.gate('goes on');
      world.pass('1ms');
      const session = new CallerSession(issueOf(act.at), () => ticket);
      const now = await act.at.engine.scopes.within({ session }, () => carryOut(world, act));
      for (const [row, commits] of Object.entries(now)) {
        const before = known[row] ?? 0;
        if (before > commits) world.history.wentBack(by, row, before, commits);
      }
      world.pass('1ms');
      ({ ticket } = session);
      known = { ...known, ...now };
    }
  });
}

async function carryOut(world: ScheduledWorld, act: SessionAct): Promise<Rows> {
  if ('read' in act) return act.read();
  const { write: row, at } = act;
  const written = await world.write(at, evicting(row), async () => {
    await world.gate('commits');
    return world.commit(row, at);
  });

  return written === undefined ? {} : { [row]: written.commits };
}

function issueOf({ engine: { versions, clock } }: Instance): TicketIssue {
  return { secret: 'of the tests', epoch: () => versions.epoch, clock, report: () => undefined };
}
