import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { ConsistentCacheModule } from 'nestjs-consistent-cache';

/** As nestjs-cls provides the request: methods of whatever stands behind it come bound, its constructor too. */
function proxyOf(target: object): object {
  return new Proxy(target, {
    get: (_, name) => {
      const part: unknown = Reflect.get(target, name);
      return typeof part === 'function' ? (part.bind(target) as unknown) : part;
    },
  });
}

describe('An application with a provider that is a proxy', () => {
  it('starts, although the constructor of that has no prototype', async () => {
    const app = await Test.createTestingModule({
      imports: [ConsistentCacheModule.forRoot({ topology: 'single-process' })],
      providers: [
        { provide: 'value', useValue: proxyOf({}) },
        { provide: 'factory', inject: [], useFactory: () => proxyOf({}) },
      ],
    }).compile();

    await expect(app.init()).resolves.toBe(app);
    await app.close();
  });
});
