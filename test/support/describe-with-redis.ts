import { describe } from '@jest/globals';
import { findRedis, RedisMissingError } from './redis-program.js';

/**
 * `describe`, for tests that need a Redis of their own. Without one they are skipped, and named with the line that installs
 * it; with CI=true they fail instead.
 */
export function describeWithRedis(name: string, tests: () => void): void {
  if (findRedis() !== undefined || process.env.CI === 'true') {
    describe(name, tests);
    return;
  }

  process.stderr.write(`skipped ${name}: ${new RedisMissingError().message}\n`);
  describe.skip(name, tests);
}
