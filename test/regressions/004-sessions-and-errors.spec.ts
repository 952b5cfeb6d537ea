import { expect, it } from '@jest/globals';
import { CallerSession } from '../../src/context/caller-session.js';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

// That there is no such row is an answer like any other. It was given to sessions that had written the row, because errors were
// not compared with their tickets, and was not entered in the ticket of a session that had heard it.

const ROWS = { name: 'rows', consistency: 'session', tolerance: { max: '1m' }, tags: { row: () => 1 } } as const;

class RowMissingError extends Error {
  readonly status = 404;
}

/** Runs work in the session of one caller. */
type Session = <T>(work: () => T) => T;

function sessionIn({ clock, scopes, versions }: EngineUnderTest): Session {
  const issue = { secret: 'a secret of the tests', epoch: () => versions.epoch, clock, report: () => undefined };
  const session = new CallerSession(issue, () => undefined);

  return (work) => scopes.within({ session }, work);
}

it("a session joins no load that may have missed the session's own write, though it ends in an error", async () => {
  const engine = new EngineUnderTest();
  const [own, another] = [sessionIn(engine), sessionIn(engine)];
  const [writing, commit, slow] = [new Deferred(), new Deferred(), new Deferred()];
  let isThere = false;
  const row = engine.cached(ROWS, async () => {
    const wasThere = isThere;
    if (!wasThere) await slow.promise;
    if (!wasThere) throw new RowMissingError('no row');
    return 'a row';
  });
  // Its evictions are over before it commits, so a load in between has the versions that reads after it have.
  const insert = engine.writing({ tags: ROWS.tags, when: 'before' }, async () => {
    writing.resolve();
    await commit.promise;
    isThere = true;
  });

  engine.clock.advance('1ms');
  const inserted = own(insert);
  await writing.promise;
  const missed = another(() => row());
  engine.clock.advance('1ms');
  commit.resolve();
  await inserted;
  engine.clock.advance('1ms');
  const found = own(() => row());
  slow.resolve();

  await expect(missed).rejects.toThrow('no row');
  expect(await found).toBe('a row');
});

it.each([
  { error: new RowMissingError('no row'), what: 'that a row is gone', then: 'no row' },
  { error: new Error('down'), what: 'that the origin is down', then: 'a row' },
])('after a session has heard $what, it reads: $then', async ({ error, then }) => {
  const engine = new EngineUnderTest();
  const own = sessionIn(engine);
  let isFailing = false;
  const row = engine.cached(ROWS, async () => {
    if (isFailing) throw error;
    return 'a row';
  });
  engine.clock.advance('1ms');
  await own(() => row());
  engine.clock.advance('1s');
  isFailing = true;
  // The entry is as good as before; this caller alone asks for something newer.
  await expect(own(() => engine.demanding(0, () => row()))).rejects.toThrow(error);
  engine.clock.advance('1s');

  expect(await own(() => row()).catch((heard: unknown) => (heard as Error).message)).toBe(then);
});
