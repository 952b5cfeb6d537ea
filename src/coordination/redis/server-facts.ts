/** What a Redis says about itself, as far as it matters to us: the fields of `INFO` by name. */
export type ServerFacts = ReadonlyMap<string, string>;

/** How much of `run_id` names an epoch: 64 bits, so that two processes never share one by chance. */
const EPOCH_LENGTH = 16;

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

/** Names the server process, so it changes with a restart and with a failover; undefined where the server does not tell. */
export function epochOf(facts: ServerFacts): string | undefined {
  const runId = facts.get('run_id') ?? '';

  return runId.length < EPOCH_LENGTH ? undefined : runId.slice(0, EPOCH_LENGTH);
}

/**
 * Whether what it answers may be trusted: a replica lags behind its master, and a server that is loading its data has only
 * a part of it.
 */
export function isUsable(facts: ServerFacts): boolean {
  return (facts.get('role') ?? 'master') === 'master' && (facts.get('loading') ?? '0') === '0';
}
