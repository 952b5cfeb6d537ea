import { versioned } from '../versioned/world.js';
import type { Configuration } from '../configuration.js';

const TWO_WRITERS = [
  { process: 0, level: 'strong', tags: [0] },
  { process: 1, level: 'strong', tags: [0] },
] as const;
const SAME_PROCESS = [
  { process: 0, level: 'strong', tags: [0] },
  { process: 0, level: 'strong', tags: [0] },
] as const;
const ONE_READER = [{ process: 1, level: 'strong', reads: 2 }] as const;

/** DESIGN §4: with every guard, under every fault; and each guard left out, in the smallest world that misses it. */
export const STRONG: readonly Configuration[] = [
  versioned({ name: 'strong: nothing goes wrong', level: 'strong', copies: true, lookup: 'one by one' }),
  versioned({ name: 'strong: two writers', level: 'strong', writers: TWO_WRITERS, readers: ONE_READER }),
  versioned({ name: 'strong: a crash', level: 'strong', faults: { crash: 1 }, copies: true }),
  versioned({
    name: 'strong: a version is dropped, and an old state comes back',
    level: 'strong',
    faults: { 'memory-pressure': 1, failover: 1 },
    readers: ONE_READER,
  }),
  versioned({
    name: 'strong: commands land late, get lost, and fail',
    level: 'strong',
    promised: 'strong-and-owed',
    faults: { timeout: 1, swallowed: 1, 'late-put': 1 },
    readers: ONE_READER,
  }),
  versioned({
    name: 'strong: two tags on two nodes of a cluster, one of which restarts',
    level: 'strong',
    tags: 2,
    cluster: true,
    lookup: 'one by one',
    writers: [{ process: 0, level: 'strong', tags: [1] }],
    readers: ONE_READER,
    faults: { restart: 1 },
  }),
  versioned({
    name: 'strong: a reader inside a transaction',
    level: 'strong',
    readers: [
      { process: 0, level: 'strong', reads: 1, inTransaction: true },
      { process: 1, level: 'strong', reads: 1 },
    ],
  }),
  versioned({
    name: 'strong: the source is a replica that lags',
    level: 'strong',
    promised: 'strong-over-replica',
    replicaLags: true,
  }),
  versioned({
    name: 'strong: a former master returns, as another epoch',
    level: 'strong',
    faults: { failover: 1, failback: 1 },
    readers: ONE_READER,
  }),
  versioned({
    name: 'strong: three readers, two writers, copies',
    level: 'strong',
    share: 'long',
    copies: true,
    writers: TWO_WRITERS,
    readers: [
      { process: 0, level: 'strong', reads: 1 },
      { process: 1, level: 'strong', reads: 1 },
      { process: 1, level: 'strong', reads: 1 },
    ],
  }),
  versioned({
    name: 'strong: everything that befalls a store, two readers',
    level: 'strong',
    share: 'long',
    readers: [
      { process: 0, level: 'strong', reads: 1 },
      { process: 1, level: 'strong', reads: 1 },
    ],
    faults: { 'memory-pressure': 1, restart: 1, failover: 1 },
  }),
  versioned({
    name: 'strong: two writers, late and lost commands, a crash',
    level: 'strong',
    share: 'long',
    promised: 'strong-and-owed',
    writers: TWO_WRITERS,
    readers: ONE_READER,
    faults: { timeout: 2, swallowed: 1, 'late-put': 1, crash: 1 },
  }),
  versioned({
    name: 'strong: two tags on two nodes, a writer of each, both restart',
    level: 'strong',
    share: 'long',
    tags: 2,
    cluster: true,
    writers: [
      { process: 0, level: 'strong', tags: [0] },
      { process: 1, level: 'strong', tags: [0, 1] },
    ],
    readers: ONE_READER,
    faults: { restart: 1 },
  }),

  versioned({
    name: 'strong: an old state comes back, and every epoch is trusted',
    level: 'strong',
    readers: ONE_READER,
    without: ['epoch'],
    faults: { failover: 1 },
  }),
  versioned({
    name: 'strong: a former master returns under the epoch it had before',
    level: 'strong',
    without: ['epochPerPromotion'],
    faults: { failover: 1, failback: 1 },
    readers: ONE_READER,
  }),
  versioned({
    name: 'strong: a missing version counts as never evicted',
    level: 'strong',
    without: ['missingIsMiss'],
    faults: { 'memory-pressure': 1 },
  }),
  versioned({
    name: 'strong: versions are counted up, and one is lost',
    level: 'strong',
    without: ['uniqueVersions'],
    faults: { 'memory-pressure': 1 },
  }),
  versioned({
    name: 'strong: an ambiguous version is used again',
    level: 'strong',
    without: ['freshPerAttempt'],
    writers: TWO_WRITERS,
    faults: { timeout: 1 },
    readers: ONE_READER,
  }),
  versioned({
    name: 'strong: a client sends a bump again',
    level: 'strong',
    without: ['noResend'],
    writers: TWO_WRITERS,
    faults: { resend: 1 },
    readers: ONE_READER,
  }),
  versioned({
    name: 'strong: a swallowed error is taken for success',
    level: 'strong',
    without: ['readBack'],
    faults: { swallowed: 1 },
  }),
  versioned({ name: 'strong: versions are read after the load', level: 'strong', without: ['versionsBeforeLoad'] }),
  versioned({
    name: 'strong: a load begins before its version is there',
    level: 'strong',
    without: ['mintConfirmed'],
    faults: { timeout: 1 },
  }),
  versioned({
    name: 'strong: a load from before the write is joined',
    level: 'strong',
    without: ['flightsByVersions'],
    readers: [
      { process: 0, level: 'strong', reads: 1 },
      { process: 0, level: 'strong', reads: 1 },
    ],
  }),
  versioned({ name: 'strong: the eviction comes before the commit', level: 'strong', without: ['evictAfterCommit'] }),
  versioned({
    name: 'strong: an eviction that failed is forgotten by its own process',
    level: 'strong',
    promised: 'strong-and-owed',
    without: ['owedEvictions'],
    faults: { timeout: 1 },
  }),
  versioned({
    name: 'strong: a debt is paid by what was sent before it',
    level: 'strong',
    promised: 'strong-and-owed',
    without: ['owedMark'],
    writers: SAME_PROCESS,
    readers: [{ process: 0, level: 'strong', reads: 2 }],
    faults: { timeout: 1 },
  }),
  versioned({
    name: 'strong: a writer dies between its commit and its eviction',
    level: 'strong',
    promised: 'strong-and-abandoned',
    without: ['announcement'],
    faults: { crash: 1 },
  }),
  versioned({
    name: 'strong: a load inside a transaction is stored',
    level: 'strong',
    without: ['nothingStoredInTransaction'],
    readers: [
      { process: 0, level: 'strong', reads: 1, inTransaction: true },
      { process: 1, level: 'strong', reads: 1 },
    ],
  }),
  versioned({
    name: 'strong: what a lagging replica says is stored',
    level: 'strong',
    promised: 'strong-over-replica',
    replicaLags: true,
    without: ['replicaLag'],
  }),
];
