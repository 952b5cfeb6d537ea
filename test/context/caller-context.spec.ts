import { describe, expect, it } from '@jest/globals';
import { EngineUnderTest } from '../support/engine-under-test.js';

const ADA = { user: 'ada', tenant: 'acme' };

describe('a load that asks who is calling', () => {
  it('is stored for its tenant when it asks for the tenant alone', async () => {
    const engine = new EngineUnderTest();
    const plan = engine.cached(
      { name: 'plans', consistency: 'eventual', ttl: '1h', scope: 'tenant' },
      async () => `the plan of ${engine.callers.tenant() ?? ''}`,
    );
    await engine.callers.runAs(ADA, () => plan());
    engine.story();

    expect(await engine.callers.runAs({ user: 'bob', tenant: 'acme' }, () => plan())).toBe('the plan of acme');
    expect(engine.story()).toEqual(['entry-served plans hit']);
  });

  it('is not stored for its tenant when it asks for the user', async () => {
    const engine = new EngineUnderTest();
    const plan = engine.cached(
      { name: 'plans', consistency: 'eventual', ttl: '1h', scope: 'tenant' },
      async () => `the plan of ${engine.callers.current()?.user ?? ''}`,
    );
    await engine.callers.runAs(ADA, () => plan());

    expect(engine.story()).toContain('read-refused plans identity-read');
  });

  it('is not stored for everybody when it asks for the tenant', async () => {
    const engine = new EngineUnderTest();
    const banner = engine.cached(
      { name: 'banners', consistency: 'eventual', ttl: '1h' },
      async () => `welcome, ${engine.callers.tenant() ?? ''}`,
    );
    await engine.callers.runAs(ADA, () => banner());

    expect(engine.story()).toContain('read-refused banners identity-read');
  });
});

it('gives two tenants of one user two subjects, and evicts both with the user', () => {
  const { subjects } = new EngineUnderTest();
  const acme = subjects.ofUserIn('acme', 'ada');
  const umbra = subjects.ofUserIn('umbra', 'ada');

  expect(acme.id).not.toBe(umbra.id);
  expect(subjects.ofUserIn('acme', 'ada')).toBe(acme);
  for (const subject of [acme, umbra])
    expect(subject.tags).toEqual(expect.arrayContaining([...subjects.ofUser('ada').tags]));
});

it('knows a user by either way of writing an id', () => {
  const { subjects } = new EngineUnderTest();

  expect(subjects.ofUser(1)).toBe(subjects.ofUser('1'));
});
