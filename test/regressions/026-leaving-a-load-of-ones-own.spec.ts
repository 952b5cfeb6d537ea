import { expect, it } from '@jest/globals';
import { LoadContext } from '../../src/context/load-context.js';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

// It joined a load whose result was its first caller's alone, and loaded for itself: that load nobody could leave or end.
it('who loads alone after joining in vain can leave, and ends the load', async () => {
  const engine = new EngineUnderTest({ ambient: () => ({ user: 'ada' }) });
  const loads = new LoadContext(engine.scopes);
  const signals: AbortSignal[] = [];
  const gates = [new Deferred<string>(), new Deferred<string>()];
  const read = engine.cached({ name: 'greetings', consistency: 'eventual', ttl: '1m' }, () => {
    // It looks at who is calling.
    engine.callers.current();
    signals.push(loads.signal());

    return gates[signals.length - 1]?.promise ?? Promise.resolve('too many');
  });
  const gone = new AbortController();
  const first = read();
  let outcome = 'waits';
  loads
    .withSignal(gone.signal, () => read())
    .then(
      () => (outcome = 'answered'),
      () => (outcome = 'left'),
    );
  await turn();
  gates[0]?.resolve('hello ada');
  expect(await first).toBe('hello ada');
  await turn();
  expect(signals).toHaveLength(2);
  gone.abort(new Error('gone'));
  await turn();

  expect({ outcome, aborted: signals[1]?.aborted }).toEqual({ outcome: 'left', aborted: true });
});
