import { setTimeout as sleep } from 'node:timers/promises';
import type { TcpProxy } from '../../../support/tcp-proxy.js';
import type { Stage } from '../stage/stage.js';
import { EVERY_LEVEL, type Fault } from './fault.js';

/** A stored register, whose value says its name. */
const ENTRY = /\d+\/[a-z]+\/\d+/;

export const CUT: Fault = {
  name: 'cut',
  covers: 'the connections of an instance to Redis break, and new ones are refused for a while',
  claimedBy: EVERY_LEVEL,
  happens: (stage) =>
    onSomeRoad(stage, [0, 800], (road) => {
      road.cut();
    }),
};

export const HALF_OPEN: Fault = {
  name: 'half-open',
  covers: 'the road of an instance to Redis falls silent, and what waited on it arrives after all',
  claimedBy: EVERY_LEVEL,
  happens: (stage) =>
    onSomeRoad(stage, [100, 3_000], (road) => {
      road.halfOpen();
    }),
};

export const SLOW: Fault = {
  name: 'slow',
  covers: 'Redis answers an instance late, within the deadline or beyond it',
  claimedBy: EVERY_LEVEL,
  happens: (stage) =>
    onSomeRoad(stage, [300, 1_500], (road) => {
      road.delay(stage.random.pick([20, 100, 140, 200, 400]));
    }),
};

export const LOST_REPLIES: Fault = {
  name: 'lost-replies',
  covers: 'Redis carries out what an instance sends, and its replies are lost with the connection',
  claimedBy: EVERY_LEVEL,
  happens: (stage) =>
    onSomeRoad(stage, [5, 300], (road) => {
      road.loseReplies();
    }),
};

export const SWAPPED_REPLIES: Fault = {
  name: 'swapped-replies',
  covers: 'two replies of one connection change places, as after a bug in a client or proxy',
  claimedBy: EVERY_LEVEL,
  happens: (stage) =>
    onSomeRoad(stage, [200, 200], (road) => {
      road.swapReplies((reply) => ENTRY.test(reply));
    }),
};

async function onSomeRoad(
  { random, proxies }: Stage,
  [atLeastMs, atMostMs]: readonly [number, number],
  breakIt: (road: TcpProxy) => void,
): Promise<void> {
  const road = random.pick(proxies);
  breakIt(road);
  await sleep(random.between(atLeastMs, atMostMs));
  road.resume();
}
