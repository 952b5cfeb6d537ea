import { describe, expect, it } from '@jest/globals';
import { EngineUnderTest } from '../support/engine-under-test.js';

// `userKey` names the user of an entry, so that a job may read for a user. A method that asks who is calling is told "nobody"
// there, and what it answered was kept for the user, who would have been answered differently.

describe('what a load answers that has asked who is calling, and was told nobody', () => {
  it('is not kept for the user whom its arguments name', async () => {
    const engine = new EngineUnderTest({ ambient: () => undefined });
    const greeting = engine.cached(
      { name: 'greetings', consistency: 'eventual', ttl: '1m', scope: 'user', userKey: (id: string) => id },
      async (id: string) => `${id}, told to ${String(engine.callers.current()?.user)}`,
    );

    expect(await greeting('ann')).toBe('ann, told to undefined');
    expect(await engine.callers.runAs({ user: 'ann' }, () => greeting('ann'))).toBe('ann, told to ann');
    expect(engine.story().filter((line) => line.startsWith('load-finished'))).toEqual([
      'load-finished greetings identity-read',
      'load-finished greetings stored',
    ]);
  });

  it('is not kept for the tenant whom its arguments name', async () => {
    const engine = new EngineUnderTest({ ambient: () => undefined });
    const terms = engine.cached(
      { name: 'terms', consistency: 'eventual', ttl: '1m', scope: 'tenant', tenantKey: (id: string) => id },
      async (id: string) => `${id}, told to ${String(engine.callers.tenant())}`,
    );

    expect(await terms('acme')).toBe('acme, told to undefined');
    expect(await engine.callers.runAs({ tenant: 'acme' }, () => terms('acme'))).toBe('acme, told to acme');
    expect(engine.story().filter((line) => line.startsWith('load-finished'))).toEqual([
      'load-finished terms identity-read',
      'load-finished terms stored',
    ]);
  });
});

it('what a load answers that has not asked is kept for the user whom its arguments name', async () => {
  const engine = new EngineUnderTest({ ambient: () => undefined });
  const basket = engine.cached(
    { name: 'baskets', consistency: 'eventual', ttl: '1m', scope: 'user', userKey: (id: string) => id },
    async (id: string) => `of ${id}`,
  );
  await basket('ann');

  expect(engine.story()).toContain('load-finished baskets stored');
});
