import { bounded } from '../timed/world.js';
import type { Configuration } from '../configuration.js';

/** DESIGN §6, and the convergence of eventual. */
export const BOUNDED: readonly Configuration[] = [
  bounded({ name: 'bounded: two processes', lastTick: 3 }),
  bounded({ name: 'bounded: a clock that is known within limits', uncertainty: 1, readers: [0] }),
  bounded({ name: 'bounded: a value that is made of a cached value', innerMax: 1, readers: [0] }),
  bounded({ name: 'eventual: it converges within its ttl', level: 'eventual', max: 2, lastTick: 3 }),
  bounded({ name: 'eventual: a clock that is known within limits', level: 'eventual', uncertainty: 1, readers: [0] }),
  bounded({
    name: 'bounded: two readers of one process, one of another',
    share: 'long',
    readers: [0, 0, 1],
    reads: 1,
    max: 2,
    lastTick: 6,
  }),
  bounded({ name: 'bounded: two commits, in the long run', share: 'long', max: 2, lastTick: 5, commits: 2 }),
  bounded({ name: 'bounded: two processes, a clock that is known within limits', share: 'long', uncertainty: 1 }),
  bounded({
    name: 'eventual: two commits, in the long run',
    level: 'eventual',
    share: 'long',
    max: 2,
    lastTick: 5,
    commits: 2,
  }),

  bounded({ name: 'bounded: as-of is the end of the load', without: ['asOfStart'] }),
  bounded({ name: 'bounded: a copy starts its life anew', without: ['absoluteInstants'] }),
  bounded({ name: 'bounded: the clocks of two hosts are compared', without: ['oneClock'], skew: 1 }),
  bounded({ name: 'bounded: loads are stamped with the latest', without: ['stampsEarliest'], uncertainty: 1 }),
  bounded({ name: 'bounded: ages are judged by the earliest', without: ['judgesLatest'], uncertainty: 1 }),
  bounded({ name: 'bounded: any running load is joined', without: ['youngFlights'], readers: [0, 0] }),
  bounded({ name: 'bounded: a value is as young as its own load', without: ['oldestPart'], innerMax: 1, readers: [0] }),
  bounded({ name: 'eventual: as-of is the end of the load', level: 'eventual', without: ['asOfStart'] }),
  bounded({ name: 'eventual: a copy starts its life anew', level: 'eventual', max: 2, without: ['absoluteInstants'] }),
];
