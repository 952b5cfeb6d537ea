import { bounded } from '../timed/world.js';
import type { Configuration } from '../configuration.js';

/** DESIGN §6, and the convergence of eventual. */
export const BOUNDED: readonly Configuration[] = [
  bounded({ name: 'bounded: two processes' }),
  bounded({ name: 'bounded: a clock that is known within limits', uncertainty: 1, lastTick: 5, readers: [0, 0] }),
  bounded({ name: 'bounded: a value that is made of a cached value', innerMax: 2, readers: [0] }),
  bounded({ name: 'eventual: it converges within its ttl', level: 'eventual' }),
  bounded({ name: 'eventual: a clock that is known within limits', level: 'eventual', uncertainty: 1, readers: [0] }),

  bounded({ name: 'bounded: as-of is the end of the load', without: ['asOfStart'] }),
  bounded({ name: 'bounded: a copy starts its life anew', without: ['absoluteInstants'] }),
  bounded({ name: 'bounded: the clocks of two hosts are compared', without: ['oneClock'] }),
  bounded({ name: 'bounded: loads are stamped with the latest', without: ['stampsEarliest'], uncertainty: 1 }),
  bounded({ name: 'bounded: ages are judged by the earliest', without: ['judgesLatest'], uncertainty: 1 }),
  bounded({ name: 'bounded: any running load is joined', without: ['youngFlights'], readers: [0, 0] }),
  bounded({ name: 'bounded: a value is as young as its own load', without: ['oldestPart'], innerMax: 2, readers: [0] }),
  bounded({ name: 'eventual: as-of is the end of the load', level: 'eventual', without: ['asOfStart'] }),
  bounded({ name: 'eventual: a copy starts its life anew', level: 'eventual', without: ['absoluteInstants'] }),
];
