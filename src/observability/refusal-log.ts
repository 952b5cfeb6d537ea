import type { RefusalReason } from './cache-event.js';
import type { RelaySource } from '../coordination/relay-event.js';
import type { CacheEvents } from './event-channel.js';

/** Refusals without which one caller might have been given another's data. */
const SECURITY: ReadonlySet<RefusalReason> = new Set(['identity-read', 'narrower-scope-read', 'caller-disagrees']);

/** Where warnings go; Nest's Logger fits. */
export interface WarningLog {
  warn(message: string): void;
}

/**
 * Says in the log, once for each policy and reason, that calls are not being cached; the figures count the rest.
 *
 * A security event (an entry of another key or caller), a failed eviction, and what happens to the store are said each time.
 */
export function logRefusals(events: CacheEvents, log: WarningLog): void {
  const said = new Set<string>();
  const once = (topic: string, message: string): void => {
    if (said.has(topic)) return;
    said.add(topic);
    log.warn(`${message} (said once; CacheMetrics counts the rest)`);
  };

  events.subscribe((event) => {
    switch (event.type) {
      case 'read-refused':
        once(
          `${event.policy} ${event.because}`,
          `${SECURITY.has(event.because) ? 'SECURITY: ' : ''}${event.policy} is not cached: ${event.error?.message ?? event.because}`,
        );
        return;
      case 'store-failed':
        once(
          `${event.policy} ${event.operation}`,
          `${event.policy} goes without its store (${event.operation}): ${String(event.cause)}`,
        );
        return;
      case 'eviction-widened':
        once(
          `${event.by} ${event.family}`,
          `${event.by} evicts the whole family '${event.family}', because its value could not be computed: ${String(event.error)}`,
        );
        return;
      case 'wrong-entry':
        log.warn(`SECURITY: the store gave ${event.policy} an entry of another ${event.mismatch}; it was not served`);
        return;
      case 'connection-dropped':
        log.warn('SECURITY: a reply of the store belonged to another key; its connection was dropped');
        return;
      case 'store-suspended':
        log.warn(`The store does not answer, and nobody waits for it until it does: ${String(event.cause)}`);
        return;
      case 'store-resumed':
        log.warn(`The store answers again, after ${Math.round(event.suspendedMs)} ms`);
        return;
      case 'load-slow':
        once(
          `${event.policy} slow`,
          `${event.policy} took ${Math.round(event.loadMs)} ms to load, and should not take more than ${event.slowAfterMs} ms`,
        );
        return;
      case 'refresh-failed':
        once(
          `${event.policy} refresh`,
          `${event.policy} could not be loaded anew in the background: ${String(event.error)}`,
        );
        return;
      case 'origin-suspended':
        log.warn(`The origin '${event.origin}' keeps failing, and is left alone for a while: ${String(event.cause)}`);
        return;
      case 'origin-resumed':
        log.warn(`The origin '${event.origin}' answers again, after ${Math.round(event.suspendedMs)} ms`);
        return;
      case 'write-refused':
        once(`${event.by} refused`, `${event.by} is refused, because it cannot be announced: ${String(event.cause)}`);
        return;
      case 'write-degraded':
        log.warn(`${event.by} goes on without being announced (${event.because}): ${String(event.cause)}`);
        return;
      case 'intent-lost':
        log.warn(`${event.by} outlived its announcement: linearizable reads may have stored the value before it`);
        return;
      case 'eviction-unrecorded':
        once(
          'unrecorded',
          'A transaction was committed without its evictions in the outbox: Transactions.run was not told where its body ends',
        );
        return;
      case 'feed-restarted':
        log.warn(
          `What was written past the application is not known (${event.because}); evicted ${event.families.join(', ')}`,
        );
        return;
      case 'relay-suspended':
        log.warn(`The ${RELAYS[event.source]} cannot be read, and is tried again: ${String(event.cause)}`);
        return;
      case 'relay-resumed':
        log.warn(`The ${RELAYS[event.source]} can be read again, after ${Math.round(event.suspendedMs)} ms`);
        return;
      case 'eviction-failed':
        log.warn(`An eviction by ${event.by} failed; its caller was told: ${String(event.error)}`);
        return;
      default:
        return;
    }
  });
}

const RELAYS: Readonly<Record<RelaySource, string>> = {
  outbox: 'outbox of evictions',
  'external-writes': 'feed of external writes',
};
