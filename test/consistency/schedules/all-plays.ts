import { casesOf } from './play.js';
import type { Case } from './play.js';
import { ANNOUNCEMENTS } from './plays/announcements.js';
import { COPIES } from './plays/copies.js';
import { NESTED } from './plays/nested.js';
import { ONE_ROW } from './plays/one-row.js';
import { SESSIONS } from './plays/sessions.js';
import { STORE_FAULTS } from './plays/store-faults.js';
import { TRAPS } from './plays/traps.js';
import { USERS } from './plays/users.js';
import { WRITES_IN_DOUBT } from './plays/writes-in-doubt.js';

export const ALL_CASES: readonly Case[] = [
  ...ONE_ROW,
  ...NESTED,
  ...SESSIONS,
  ...USERS,
  ...STORE_FAULTS,
  ...COPIES,
  ...TRAPS,
  ...ANNOUNCEMENTS,
  ...WRITES_IN_DOUBT,
].flatMap(casesOf);
