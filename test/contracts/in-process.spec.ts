import { ManualClock } from 'nestjs-consistent-cache/testing';
import { InProcessLoadLeases } from '../../src/coordination/in-process/in-process-load-leases.js';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { InProcessWriteIntents } from '../../src/coordination/in-process/in-process-write-intents.js';
import { itKeepsVersions } from './version-store.contract.js';
import { itLeasesLoads } from './load-leases.contract.js';
import { itAnnouncesWrites } from './write-intents.contract.js';

const NOTHING_TO_CLOSE = () => Promise.resolve();

itKeepsVersions("a process's memory", async () => {
  const store = new InProcessVersionStore(1000);

  return { store, other: store, close: NOTHING_TO_CLOSE };
});

itAnnouncesWrites("a process's memory", async () => {
  const intents = new InProcessWriteIntents();

  return { intents, other: intents, close: NOTHING_TO_CLOSE };
});

itLeasesLoads("a process's memory", async () => {
  const clock = new ManualClock();
  const leases = new InProcessLoadLeases(clock, { fruitlessMs: 200 });

  return {
    leases,
    other: leases,
    outlast: async () => {
      clock.advance('1s');
    },
    close: NOTHING_TO_CLOSE,
  };
});
