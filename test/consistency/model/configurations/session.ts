import { session } from '../timed/world.js';
import type { Configuration } from '../configuration.js';

/** DESIGN §7. */
export const SESSION: readonly Configuration[] = [
  session({ name: 'session: nothing goes wrong' }),
  session({ name: 'session: a clock that is known within limits', uncertainty: 1, lastTick: 2, othersLoads: 1 }),
  session({ name: 'session: the ticket is lost', losses: 1, othersLoads: 1 }),
  session({ name: 'session: the ticket overflows', overflows: 1, othersLoads: 1 }),
  session({ name: 'session: the store restarts, and its clock leaps', restarts: 1, othersLoads: 1 }),
  session({ name: 'session: longer, with two writes', share: 'long', lastTick: 3, reads: 3, writes: 2 }),
  session({
    name: 'session: losses, overflows and a clock within limits',
    share: 'long',
    uncertainty: 1,
    losses: 1,
    overflows: 1,
  }),
  session({ name: 'session: two restarts', share: 'long', restarts: 2, losses: 1 }),

  session({ name: 'session: own writes are not noted', without: ['ownWrites'] }),
  session({ name: 'session: what was seen is not noted', without: ['lastSeen'] }),
  session({ name: 'session: of what was seen the start of the load is noted', without: ['seenLoadEnd'] }),
  session({ name: 'session: as-of is the end of the load', without: ['asOfStart'] }),
  session({ name: 'session: the highest version seen', without: ['loadInstants'] }),
  session({ name: 'session: a write is noted before its commit', without: ['notedAfterCommit'] }),
  session({ name: 'session: what was loaded in the very instant is accepted', without: ['strictlyLater'] }),
  session({ name: 'session: loads are stamped with the latest', without: ['stampsEarliest'], uncertainty: 1 }),
  session({ name: 'session: the ticket notes the earliest', without: ['notesLatest'], uncertainty: 1 }),
  session({ name: 'session: after a loss everything counts', without: ['beginsNow'], losses: 1 }),
  session({ name: 'session: what there is no room for is forgotten', without: ['folds'], overflows: 1 }),
  session({ name: 'session: any load is joined', without: ['joinsChecked'] }),
  session({
    name: 'session: a ticket of another epoch goes on',
    without: ['otherEpochIsLost'],
    restarts: 1,
    othersLoads: 1,
    lastTick: 1,
    expected: 'holds',
  }),
];
