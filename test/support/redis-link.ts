import type { SharedStoreEvent } from '../../src/coordination/shared-store.js';
import { optionsOfUrl } from '../../src/coordination/redis/redis-url.js';
import { StandaloneRedisLink, type LinkSettings } from '../../src/coordination/redis/standalone-redis-link.js';
import { SystemClock } from '../../src/time/clock.js';

/** A link to a server of the test, with what it reported. */
export interface LinkUnderTest {
  readonly link: StandaloneRedisLink;
  readonly events: SharedStoreEvent[];
}

export async function openRedisLink(
  { url }: { readonly url: string },
  settings: Partial<LinkSettings> = {},
): Promise<LinkUnderTest> {
  const events: SharedStoreEvent[] = [];
  const link = new StandaloneRedisLink(optionsOfUrl(url), { ...linkSettings(events), ...settings });
  if (!(await link.open(5000))) throw new Error('the link did not reach its server');

  return { link, events };
}

export function linkSettings(events: SharedStoreEvent[]): LinkSettings {
  return {
    deadlineMs: 150,
    probeIntervalMs: 50,
    connectTimeoutMs: 1000,
    // A machine that is busy for a moment must not look like a server that is silent.
    silenceMs: 3_000,
    tellsEpoch: true,
    clock: new SystemClock(),
    report: (event) => events.push(event),
  };
}
