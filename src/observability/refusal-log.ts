import type { CacheEvents } from './event-channel.js';

/** Where warnings go; Nest's Logger fits. */
export interface WarningLog {
  warn(message: string): void;
}

/**
 * Says in the log, once for each policy and reason, that calls are not being cached; the figures count the rest.
 *
 * A security event (an entry of another key or caller) and a failed eviction are said each time.
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
          `${event.policy} is not cached: ${event.error?.message ?? event.because}`,
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
      case 'eviction-failed':
        log.warn(`An eviction by ${event.by} failed; its caller was told: ${String(event.error)}`);
        return;
      default:
        return;
    }
  });
}
