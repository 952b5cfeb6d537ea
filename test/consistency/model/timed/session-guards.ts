/** What a ticket does for a reason; each can be left out, to see what it is good for. */
export const SESSION_GUARDS = {
  ownWrites: 'what was loaded before an own write is refused',
  lastSeen: 'what was loaded before the end of the load of the value seen last is refused',
  seenLoadEnd: 'of the value seen the end of its load is remembered, not its start',
  asOfStart: 'the as-of instant is the start of the load, not its end',
  loadInstants: 'instants of loads are compared, not versions',
  notedAfterCommit: 'a write is noted after its commit',
  strictlyLater: 'what was loaded in the very instant counts as before',
  stampsEarliest: 'a load is stamped with the earliest that it can be',
  notesLatest: 'the ticket notes the latest that it can be',
  beginsNow: 'a session whose ticket is lost begins now',
  folds: 'what there is no room for is folded into an instant before which nothing counts',
  joinsChecked: 'the outcome of a load that was joined is held against the ticket',
  otherEpochIsLost: 'a ticket of another epoch is a lost one',
} as const;

export type SessionGuard = keyof typeof SESSION_GUARDS;
export type SessionGuards = Readonly<Record<SessionGuard, boolean>>;
