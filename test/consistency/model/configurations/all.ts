import { BOUNDED } from './bounded.js';
import { LINEARIZABLE } from './linearizable.js';
import { SESSION } from './session.js';
import { STRONG } from './strong.js';
import type { Configuration } from '../configuration.js';

export const CONFIGURATIONS: readonly Configuration[] = [...STRONG, ...LINEARIZABLE, ...SESSION, ...BOUNDED];
