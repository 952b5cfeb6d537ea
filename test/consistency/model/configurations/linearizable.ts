import { versioned } from '../versioned/world.js';
import type { Configuration } from '../configuration.js';

const TWO_WRITERS = [
  { process: 0, level: 'linearizable', tags: [0] },
  { process: 1, level: 'linearizable', tags: [0] },
] as const;
const ONE_READER = [{ process: 1, level: 'linearizable', reads: 2 }] as const;
const CROWD = [
  { process: 1, level: 'linearizable', reads: 1 },
  { process: 1, level: 'linearizable', reads: 1 },
  { process: 1, level: 'linearizable', reads: 1 },
] as const;
const STRONG_READER = [{ process: 1, level: 'strong', reads: 2 }] as const;

/** DESIGN §5: with every guard, under every fault; and each guard left out, in the smallest world that misses it. */
export const LINEARIZABLE: readonly Configuration[] = [
  versioned({ name: 'linearizable: nothing goes wrong', level: 'linearizable', copies: true }),
  versioned({ name: 'linearizable: a crowd in one process', level: 'linearizable', readers: CROWD }),
  versioned({ name: 'linearizable: a crash at any step', level: 'linearizable', faults: { crash: 1 } }),
  versioned({
    name: 'linearizable: a version is dropped, a node restarts',
    level: 'linearizable',
    faults: { 'memory-pressure': 1, restart: 1 },
    readers: ONE_READER,
  }),
  versioned({
    name: 'linearizable: a failover to an old state',
    level: 'linearizable',
    faults: { failover: 1 },
    readers: ONE_READER,
  }),
  versioned({
    name: 'linearizable: commands land late, get lost, and fail',
    level: 'linearizable',
    faults: { timeout: 1, swallowed: 1, 'late-put': 1 },
    readers: ONE_READER,
  }),
  versioned({
    name: 'linearizable: a lease ends while its writer is alive',
    level: 'linearizable',
    readers: ONE_READER,
    faults: { 'lease-ends': 1 },
  }),
  versioned({
    name: 'linearizable: a method fails, and leaves its announcement to the lease',
    level: 'linearizable',
    faults: { 'method-fails': 1 },
    readers: ONE_READER,
  }),
  versioned({
    name: 'linearizable: two tags on two nodes of a cluster',
    level: 'linearizable',
    tags: 2,
    cluster: true,
    lookup: 'one by one',
    writers: [{ process: 0, level: 'linearizable', tags: [1] }],
    readers: ONE_READER,
  }),
  versioned({
    name: 'linearizable: strong readers under the same tag, after the acknowledgement',
    level: 'linearizable',
    promised: 'strong',
    readers: STRONG_READER,
  }),
  versioned({
    name: 'linearizable: after the acknowledgement of a write whose lease had ended',
    level: 'linearizable',
    readers: ONE_READER,
    promised: 'strong',
    without: ['lease'],
    expected: 'holds',
    faults: { 'lease-ends': 1 },
  }),

  versioned({
    name: 'linearizable: what a writer has committed that died before it was acknowledged',
    level: 'linearizable',
    promised: 'strong-and-abandoned',
    faults: { crash: 1 },
  }),
  versioned({
    name: 'linearizable: a former master returns, as another epoch',
    level: 'linearizable',
    share: 'long',
    faults: { failover: 1, failback: 1 },
    readers: ONE_READER,
  }),
  versioned({
    name: 'linearizable: a version is dropped, a node restarts, two readers',
    level: 'linearizable',
    share: 'long',
    faults: { 'memory-pressure': 1, restart: 1 },
  }),
  versioned({ name: 'linearizable: two writers', level: 'linearizable', share: 'long', writers: TWO_WRITERS }),
  versioned({
    name: 'linearizable: two writers, a crash and a restart',
    level: 'linearizable',
    share: 'long',
    writers: TWO_WRITERS,
    readers: ONE_READER,
    faults: { crash: 1, restart: 1 },
  }),
  versioned({
    name: 'linearizable: late commands, a method that fails, a lease that ends',
    level: 'linearizable',
    share: 'long',
    faults: { timeout: 1, 'late-put': 1, 'method-fails': 1, 'lease-ends': 1 },
  }),
  versioned({
    name: 'linearizable: two tags on two nodes, a writer of both, a restart',
    level: 'linearizable',
    share: 'long',
    tags: 2,
    cluster: true,
    writers: [{ process: 0, level: 'linearizable', tags: [0, 1] }],
    readers: ONE_READER,
    faults: { restart: 1 },
  }),
  versioned({
    name: 'linearizable: a crowd, a restart and a crash',
    level: 'linearizable',
    share: 'long',
    readers: CROWD,
    faults: { restart: 1, crash: 1 },
  }),

  versioned({ name: 'linearizable: writes are not announced', level: 'linearizable', without: ['announcement'] }),
  versioned({
    name: 'linearizable: readers do not look for announcements',
    level: 'linearizable',
    without: ['barrier'],
  }),
  versioned({
    name: 'linearizable: the announcement comes after the first bump',
    level: 'linearizable',
    without: ['announceFirst'],
  }),
  versioned({
    name: 'linearizable: nothing is bumped before the commit',
    level: 'linearizable',
    without: ['firstBump'],
  }),
  versioned({ name: 'linearizable: no fence', level: 'linearizable', without: ['fence'], faults: { 'lease-ends': 1 } }),
  versioned({
    name: 'linearizable: announcements are looked for before the versions are read',
    level: 'linearizable',
    without: ['intentsAfterVersions'],
  }),
  versioned({
    name: 'linearizable: a load that is running while a write is announced is joined',
    level: 'linearizable',
    without: ['nextLoad'],
    readers: CROWD,
  }),
  versioned({
    name: 'linearizable: a commit outlives its announcement',
    level: 'linearizable',
    without: ['lease'],
    faults: { 'lease-ends': 1 },
  }),
  versioned({
    name: 'linearizable: a commit outlives its announcement, and nothing is bumped after it',
    level: 'linearizable',
    promised: 'strong',
    without: ['lease', 'secondBump'],
    faults: { 'lease-ends': 1 },
  }),
  versioned({
    name: 'linearizable: strong readers under the same tag, and nothing is bumped after the commit',
    level: 'linearizable',
    promised: 'strong',
    without: ['secondBump'],
    readers: STRONG_READER,
  }),
  versioned({
    name: 'linearizable: its own readers, and nothing is bumped after the commit',
    level: 'linearizable',
    without: ['secondBump'],
    expected: 'holds',
  }),
  versioned({
    name: 'linearizable: the store drops an announcement',
    level: 'linearizable',
    without: ['intentsKept'],
    faults: { 'intent-dropped': 1 },
  }),
  versioned({
    name: 'linearizable: a node that has just started is believed to know every announcement',
    level: 'linearizable',
    without: ['grace'],
    faults: { restart: 1 },
  }),
  versioned({
    name: 'linearizable: a former master returns under the epoch it had before',
    level: 'linearizable',
    without: ['epochPerPromotion'],
    faults: { failover: 1, failback: 1 },
    readers: ONE_READER,
  }),
  versioned({
    name: 'linearizable: a method that failed withdraws its announcement at once',
    level: 'linearizable',
    without: ['announcedUntilOver'],
    faults: { 'method-fails': 1 },
  }),
  versioned({
    name: 'linearizable: the tags of a write are known from its result',
    level: 'linearizable',
    without: ['tagsBeforeCommit'],
  }),
  versioned({
    name: 'linearizable: a failover to an old state, and every epoch is trusted',
    level: 'linearizable',
    readers: ONE_READER,
    without: ['epoch'],
    faults: { failover: 1 },
  }),
  versioned({
    name: 'linearizable: an ambiguous version is used again',
    level: 'linearizable',
    without: ['freshPerAttempt'],
    writers: TWO_WRITERS,
    faults: { timeout: 1 },
    readers: ONE_READER,
  }),
];
