import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { CacheEvent } from '../../src/observability/cache-event.js';
import { CacheEvents, DIAGNOSTICS_CHANNEL } from '../../src/observability/event-channel.js';

const about = { policy: 'prices', key: 'k', subject: undefined };
const JOINED: CacheEvent = { type: 'load-joined', ...about };

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a listener', () => {
  it('hears every event in order, until it ends', () => {
    const events = new CacheEvents();
    const heard: string[] = [];
    const end = events.subscribe(({ type }) => heard.push(type));

    events.publish(JOINED);
    events.publish({ type: 'tags-evicted', by: 'test', tags: [] });
    end();
    events.publish(JOINED);

    expect(heard).toEqual(['load-joined', 'tags-evicted']);
  });

  it('that throws harms neither the read nor the other listeners', () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const events = new CacheEvents();
    const heard: CacheEvent[] = [];
    events.subscribe(() => {
      throw new Error('mine');
    });
    events.subscribe((event) => heard.push(event));

    events.publish(JOINED);

    expect(heard).toEqual([JOINED]);
    expect(warned.mock.calls).toEqual([[expect.stringContaining('mine'), 'ConsistentCacheWarning']]);
  });

  it('may end itself while it is told', () => {
    const events = new CacheEvents();
    let heard = 0;
    const end = events.subscribe(() => {
      heard += 1;
      end();
    });

    events.publish(JOINED);
    events.publish(JOINED);

    expect(heard).toBe(1);
  });

  it('of the diagnostics channel hears the events of every application', () => {
    const heard: unknown[] = [];
    const listener = (event: unknown): void => {
      heard.push(event);
    };
    subscribe(DIAGNOSTICS_CHANNEL, listener);
    new CacheEvents().publish(JOINED);
    unsubscribe(DIAGNOSTICS_CHANNEL, listener);

    expect(heard).toEqual([JOINED]);
  });
});
