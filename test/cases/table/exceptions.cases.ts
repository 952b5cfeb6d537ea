import { expect } from '@jest/globals';
import { HttpException, NotFoundException } from '@nestjs/common';
import { Deferred } from '../../support/deferred.js';
import type { BehaviouralCase } from '../behavioural-case.js';

/** E. Errors of the origin. */
export const EXCEPTIONS: readonly BehaviouralCase[] = [
  {
    id: 'E1',
    title: 'gives one error of the origin, unwrapped, to every caller that waited',
    async run({ read, origin, happened, figures }) {
      const failure = new NotFoundException('there is no such product');
      const gate = new Deferred<never>();
      origin.answer = () => gate.promise;
      const answers = Array.from({ length: 5 }, () => read('sku').catch((error: unknown) => error));
      await happened('load-joined', 4);
      await origin.reached(1);
      gate.reject(failure);

      for (const answer of await Promise.all(answers)) expect(answer).toBe(failure);
      expect(failure).toBeInstanceOf(HttpException);
      expect(figures()).toMatchObject({ loads: 1, loadErrors: 1, joined: 4 });
    },
  },
  {
    id: 'E1',
    title: 'stores nothing of a failed load',
    async run({ read, origin }) {
      origin.answer = async () => {
        throw new Error('down');
      };
      await expect(read('sku')).rejects.toThrow('down');
      origin.answer = async () => 'up';

      expect([await read('sku'), await read('sku')]).toEqual(['up', 'up']);
      expect(origin.loads).toHaveLength(2);
    },
  },
  {
    id: 'E1',
    title: 'turns what the method throws at once into a rejection',
    async run({ read, origin }) {
      const failure = new Error('thrown before there was a promise');
      origin.answer = () => {
        throw failure;
      };
      await expect(read('sku')).rejects.toBe(failure);
    },
  },
  {
    id: 'E2',
    title: 'leaves a falsy rejection a rejection',
    async run({ read, origin }) {
      for (const reason of [undefined, null, 0, '', false]) {
        origin.answer = () => {
          const refused = new Deferred<never>();
          refused.reject(reason);
          return refused.promise;
        };
        const outcome = await read(String(reason)).then(
          () => 'resolved',
          (error: unknown) => ({ rejectedWith: error }),
        );
        expect(outcome).toEqual({ rejectedWith: reason });
      }
    },
  },
];
