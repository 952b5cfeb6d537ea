import { describe, expect, it } from '@jest/globals';
import { CallScopes } from '../../src/context/call-scope.js';
import { CallerContext } from '../../src/context/caller-context.js';
import { NO_DEMAND } from '../../src/policy/demand.js';

describe('a scope', () => {
  it('is empty outside every call', () => {
    expect(new CallScopes(undefined).current()).toEqual({
      demand: NO_DEMAND,
      caller: undefined,
      trace: undefined,
      reads: undefined,
      session: undefined,
      leaving: undefined,
      load: undefined,
      transaction: undefined,
      held: [],
    });
  });

  it('travels with asynchronous work, and ends with it', async () => {
    const scopes = new CallScopes(undefined);
    const demand = { maxStalenessMs: 5, guarantee: 'strong' } as const;

    await scopes.within({ demand }, async () => {
      await Promise.resolve();
      expect(scopes.current().demand).toEqual(demand);
    });

    expect(scopes.current().demand).toEqual(NO_DEMAND);
  });

  it('only ever tightens what is demanded', () => {
    const scopes = new CallScopes(undefined);
    const inner = (maxStalenessMs: number): number =>
      scopes.demanding({ maxStalenessMs, guarantee: 'any' }, () => scopes.current().demand.maxStalenessMs);

    const seen = scopes.demanding({ maxStalenessMs: 10, guarantee: 'any' }, () => [inner(5), inner(20)]);

    expect(seen).toEqual([5, 10]);
  });

  it('is not seen by another application of the process', () => {
    const [one, other] = [new CallScopes(undefined), new CallScopes(undefined)];

    one.within({ caller: () => ({ user: 'ann' }) }, () => {
      expect(other.caller()).toBeUndefined();
    });
  });
});

describe('who is calling', () => {
  it('is whom the scope names, and else whom the application knows', () => {
    const scopes = new CallScopes(() => ({ user: 'ambient' }));
    const callers = new CallerContext(scopes);

    expect(callers.current()).toEqual({ user: 'ambient' });
    expect(callers.runAs({ user: 'ann', tenant: 'acme' }, () => [callers.current()?.user, callers.tenant()])).toEqual([
      'ann',
      'acme',
    ]);
  });

  it('is nobody where the scope says nobody, whatever is ambient', () => {
    const scopes = new CallScopes(() => ({ user: 'ambient' }));

    expect(scopes.within({ caller: () => undefined }, () => scopes.caller())).toBeUndefined();
  });
});
