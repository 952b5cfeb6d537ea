import type { CacheEvent } from '../observability/cache-event.js';
import type { CacheEvents } from '../observability/event-channel.js';

/**
 * What happened, one short line an event, in order: `entry-missed PricingService.priceOf absent`.
 *
 * Keys and times are left out, so that a story can be written down and compared.
 */
export class EventStory {
  private readonly told: string[] = [];
  private readonly end: () => void;

  constructor(events: CacheEvents) {
    this.end = events.subscribe((event) => this.told.push(tell(event)));
  }

  lines(): readonly string[] {
    return [...this.told];
  }

  /** Forgets what was told so far. */
  clear(): void {
    this.told.length = 0;
  }

  stop(): void {
    this.end();
  }
}

function tell(event: CacheEvent): string {
  switch (event.type) {
    case 'entry-served':
      return `${event.type} ${event.policy} ${event.outcome}`;
    case 'entry-missed':
    case 'refresh-begun':
    case 'read-bypassed':
    case 'read-refused':
      return `${event.type} ${event.policy} ${event.because}`;
    case 'load-finished':
      return `${event.type} ${event.policy} ${event.notStoredBecause ?? 'stored'}`;
    case 'load-failed':
      return `${event.type} ${event.policy}${event.because === 'origin' ? '' : ` ${event.because}`}`;
    case 'load-joined':
    case 'load-slow':
    case 'refresh-failed':
      return `${event.type} ${event.policy}`;
    case 'origin-suspended':
    case 'origin-resumed':
      return `${event.type} ${event.origin}`;
    case 'wrong-entry':
      return `${event.type} ${event.policy} ${event.mismatch}`;
    case 'store-failed':
      return `${event.type} ${event.policy} ${event.operation}`;
    case 'tags-evicted':
    case 'eviction-failed':
    case 'write-refused':
    case 'write-degraded':
    case 'intent-lost':
      return `${event.type} ${event.by}`;
    case 'eviction-widened':
      return `${event.type} ${event.by} ${event.family}`;
    case 'ticket-rejected':
      return `${event.type} ${event.because}`;
    case 'feed-restarted':
      return `${event.type} ${event.because}`;
    case 'relay-suspended':
    case 'relay-resumed':
      return `${event.type} ${event.source}`;
    case 'eviction-relayed':
    case 'eviction-unrecorded':
    case 'store-suspended':
    case 'store-resumed':
    case 'eviction-owed':
    case 'eviction-settled':
    case 'connection-dropped':
      return event.type;
  }
}
