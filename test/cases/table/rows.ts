import type { BehaviouralCase } from '../behavioural-case.js';
import { CACHEABLE } from './cacheable.cases.js';
import { CONDITIONS } from './conditions.cases.js';
import { EVICTIONS } from './evictions.cases.js';
import { EXCEPTIONS } from './exceptions.cases.js';
import { KEYS } from './keys.cases.js';
import { NESTING } from './nesting.cases.js';
import { SCOPE } from './scope.cases.js';
import { TIME } from './time.cases.js';
import { TRANSACTIONS } from './transactions.cases.js';
import { VALUES } from './values.cases.js';

/** Every row that holds over every store. */
export const ROWS: readonly BehaviouralCase[] = [
  ...CACHEABLE,
  ...KEYS,
  ...CONDITIONS,
  ...EVICTIONS,
  ...EXCEPTIONS,
  ...TIME,
  ...SCOPE,
  ...NESTING,
  ...TRANSACTIONS,
  ...VALUES,
];
