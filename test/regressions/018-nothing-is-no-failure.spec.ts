import { expect, it } from '@jest/globals';
import { EngineUnderTest } from '../support/engine-under-test.js';

class PersonMissingError extends Error {}

const PEOPLE = {
  name: 'people',
  consistency: 'bounded',
  tolerance: { max: '1m', onError: '10m' },
  negative: { ttl: '5s', errors: (error: unknown) => error instanceof PersonMissingError },
} as const;

// An error that is declared to say that there is nothing was taken for a failure of the origin unless it carried a 4xx status:
// for as long as `onError` those who asked were given the person who was gone, and enough of them suspended the origin.
it('an error that is declared to say that there is nothing is no failure of the origin', async () => {
  const engine = new EngineUnderTest();
  let isThere = true;
  const read = engine.cached(PEOPLE, async (id: string) => {
    if (!isThere) throw new PersonMissingError('no such person');
    return Promise.resolve(id);
  });
  await read('ada');
  isThere = false;
  engine.clock.advance(60_001);

  await expect(read('ada')).rejects.toThrow(PersonMissingError);
});
