import { expect, it } from '@jest/globals';
import { EngineUnderTest } from '../support/engine-under-test.js';

const PEOPLE = {
  name: 'people',
  consistency: 'bounded',
  ttl: '30s',
  refresh: { whileStale: true },
  tolerance: { max: '1m' },
  negative: { ttl: '5s' },
} as const;

// An entry is never served past its own deadline, which for nothing is the end of its ttl. A store that keeps deadlines saw to
// it; the default one leaves that to who reads, and while stale values may answer nobody looked.
it('that there is nothing is not said past its ttl, also while stale values may answer', async () => {
  const engine = new EngineUnderTest();
  const people = new Map<string, string>();
  const read = engine.cached(PEOPLE, async (id: string) => Promise.resolve(people.get(id) ?? null));
  expect(await read('ada')).toBeNull();
  people.set('ada', 'Ada');
  engine.clock.advance('5001ms');

  expect(await read('ada')).toBe('Ada');
});
