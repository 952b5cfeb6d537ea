import { describe, expect, it } from '@jest/globals';
import { NotFoundException } from '@nestjs/common';
import { EngineUnderTest } from '../support/engine-under-test.js';

const ROW = { row: (id: string) => id };

/** A write whose statement is still under way when its method fails. */
function failing(error: Error) {
  const engine = new EngineUnderTest();
  let source = 'granted';
  let loads = 0;
  const read = engine.cached({ name: 'rights', consistency: 'linearizable', tags: ROW }, async (id: string) => {
    loads += 1;
    return Promise.resolve(id === 'a' ? source : '');
  });
  const revoke = engine.writing({ tags: ROW }, async (id: string) =>
    Promise.reject<string>(new Error(id, { cause: error })),
  );
  const refuse = engine.writing({ tags: ROW }, async (id: string) => {
    expect(id).toBe('a');
    return Promise.reject<string>(error);
  });

  return {
    engine,
    read,
    revoke,
    refuse,
    loads: () => loads,
    commit: () => {
      source = 'revoked';
    },
  };
}

// The announcement was withdrawn as soon as the method had failed. A client that gives up waiting for its database leaves the
// statement there: a read in between stored the old value, which the next one was served after the commit. Found by the model.
describe('a linearizable write whose method fails without an answer', () => {
  it('stays announced for a lease, in which what it has begun may still be committed', async () => {
    const { engine, commit, read, revoke } = failing(new Error('the query timed out'));
    await expect(revoke('a')).rejects.toThrow();
    expect(await read('a')).toBe('granted');
    commit();

    expect(await read('a')).toBe('revoked');
    engine.clock.advance('9999ms');
    expect(await read('a')).toBe('revoked');
  });

  it('lets reads be stored again after that', async () => {
    const { engine, read, revoke, loads } = failing(new Error('the query timed out'));
    await expect(revoke('a')).rejects.toThrow();
    engine.clock.advance('10s');
    await read('a');
    await read('a');

    expect(loads()).toBe(1);
  });
});

it('a linearizable write that is refused leaves nothing under way, and reads are stored at once', async () => {
  const { read, refuse, loads } = failing(new NotFoundException());
  await expect(refuse('a')).rejects.toThrow(NotFoundException);
  await read('a');
  await read('a');

  expect(loads()).toBe(1);
});
