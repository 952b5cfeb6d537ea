import { describe, expect, it } from '@jest/globals';
import { FollowingFlight } from '../../src/stampede/following-flight.js';
import { Deferred } from '../support/deferred.js';

describe('following flights', () => {
  it('run one load and let everybody who comes meanwhile share the next', async () => {
    const flights = new FollowingFlight<string>();
    const origin = new Origin();

    const first = flights.share('key', origin.load);
    const second = flights.share('key', origin.load);
    const third = flights.share('key', origin.load);
    expect(origin.running).toHaveLength(1);

    origin.answers('old');
    expect(await first).toBe('old');
    expect(origin.running).toHaveLength(1);
    const fourth = flights.share('key', origin.load);
    origin.answers('new');
    expect([await second, await third]).toEqual(['new', 'new']);

    origin.answers('newest');
    expect(await fourth).toBe('newest');
    expect(origin.calls).toBe(3);
  });

  it('go on after a load that failed', async () => {
    const flights = new FollowingFlight<string>();
    const origin = new Origin();
    const first = flights.share('key', origin.load);
    const second = flights.share('key', origin.load);

    origin.fails(new Error('down'));
    await expect(first).rejects.toThrow('down');
    origin.answers('up');
    expect(await second).toBe('up');
  });

  it('do not meet under different ids, and leave nothing behind', async () => {
    const flights = new FollowingFlight<string>();
    const origin = new Origin();
    const both = [flights.share('a', origin.load), flights.share('b', origin.load), flights.share('b', origin.load)];
    expect(origin.running).toHaveLength(2);

    origin.answers('1');
    origin.answers('2');
    await Promise.all(both.slice(0, 2));
    await Promise.resolve();
    origin.answers('3');
    expect(await both[2]).toBe('3');
    await Promise.resolve();
    expect(flights.size).toBe(0);
  });
});

/** Answers its calls in the order in which they came. */
class Origin {
  readonly running: Deferred<string>[] = [];
  calls = 0;

  readonly load = (): Promise<string> => {
    this.calls += 1;
    const call = new Deferred<string>();
    this.running.push(call);

    return call.promise;
  };

  answers(value: string): void {
    this.running.shift()?.resolve(value);
  }

  fails(error: Error): void {
    this.running.shift()?.reject(error);
  }
}
