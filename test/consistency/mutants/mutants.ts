import { COPY_MUTANTS } from './copy-mutants.js';
import { ENGINE_MUTANTS } from './engine-mutants.js';
import type { Mutant } from './mutant.js';
import { REDIS_MUTANTS } from './redis-mutants.js';
import { SESSION_MUTANTS } from './session-mutants.js';
import { WRITE_MUTANTS } from './write-mutants.js';

export const MUTANTS: readonly Mutant[] = [
  ...ENGINE_MUTANTS,
  ...WRITE_MUTANTS,
  ...REDIS_MUTANTS,
  ...COPY_MUTANTS,
  ...SESSION_MUTANTS,
];
