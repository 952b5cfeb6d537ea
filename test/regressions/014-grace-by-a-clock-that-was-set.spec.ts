import { expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { RedisWriteIntents } from '../../src/coordination/redis/redis-write-intents.js';
import { ScriptedLink } from '../coordination/redis/scripted-link.js';

const LEASE_MS = 9_000;
const JUST_STARTED = 'uptime_in_seconds:1\r\nmaster_replid2:0000000000000000000000000000000000000000\r\n';

// A Redis that has just started knows nothing of a write that was announced to the one before it. For one lease its silence is
// not believed; when the lease was measured by a clock that somebody set forward, readers stored the old value, and served it
// after the commit. Found by the fault harness: a process whose clock is set forward while a write hangs after its fence.
it('the silence of a Redis that has just started is not believed sooner because the clock was set forward', async () => {
  const link = new ScriptedLink();
  const [wall, running] = [new ManualClock(), new ManualClock()];
  link.reply = (command) => (command[0] === 'INFO' ? JUST_STARTED : 0);
  const intents = new RedisWriteIntents(link, 'shop', wall, LEASE_MS, running);
  expect(await intents.pending(['a'])).toBe(true);

  wall.advance('20s');
  expect(await intents.pending(['a'])).toBe(true);
  running.advance(LEASE_MS - 1);
  expect(await intents.pending(['a'])).toBe(true);
  running.advance('1ms');
  expect(await intents.pending(['a'])).toBe(false);
});
