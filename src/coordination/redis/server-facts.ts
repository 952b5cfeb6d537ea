/** What a Redis says about itself, as far as it matters to us: the fields of `INFO` by name. */
export type ServerFacts = ReadonlyMap<string, string>;

/** How much of `run_id` names an epoch: 64 bits, so that two processes never share one by chance. */
const PROCESS_LENGTH = 16;
/** How much of `master_replid`: it only has to tell the promotions of one process from each other. */
const PROMOTION_LENGTH = 8;

export function readServerFacts(info: unknown): ServerFacts {
  const lines = String(info).split('\r\n');

  return new Map(
    lines
      .filter((line) => line.includes(':') && !line.startsWith('#'))
      .map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1)];
      }),
  );
}

/**
 * Names the server process and its promotion, so it changes with a restart, with a failover, and when a former master takes over
 * again that was a replica in between: such a process is still the same, and may have lost what the other was told last.
 *
 * @returns undefined where the server does not tell
 */
export function epochOf(facts: ServerFacts): string | undefined {
  const runId = facts.get('run_id') ?? '';

  return runId.length < PROCESS_LENGTH ? undefined : runId.slice(0, PROCESS_LENGTH) + promotionOf(facts);
}

/**
 * Whether a server that told this epoch when it was asked who it is still is that master, by what `INFO replication` says now.
 *
 * A master whose last replica has gone for an hour takes another id as well. That costs a miss of everything, once.
 */
export function isStill(epoch: string, facts: ServerFacts): boolean {
  return isUsable(facts) && epoch.slice(PROCESS_LENGTH) === promotionOf(facts);
}

function promotionOf(facts: ServerFacts): string {
  return (facts.get('master_replid') ?? '').slice(0, PROMOTION_LENGTH);
}

/**
 * Whether what it answers may be trusted: a replica lags behind its master, and a server that is loading its data has only
 * a part of it.
 */
export function isUsable(facts: ServerFacts): boolean {
  return (facts.get('role') ?? 'master') === 'master' && (facts.get('loading') ?? '0') === '0';
}
