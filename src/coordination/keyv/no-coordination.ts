import { StoreUnavailableError } from '../../resilience/deadline.js';
import { InvalidationFeed } from '../invalidation-feed.js';
import { WriteIntents } from '../write-intents.js';

/** For a store that keeps no announcements: none can be made, so none is pending. */
export class NoWriteIntents extends WriteIntents {
  override announce(): Promise<never> {
    return Promise.reject(new StoreUnavailableError('announcement of a write', 'is a Keyv and keeps no announcements'));
  }

  override pending(): boolean {
    return false;
  }
}

/** For a store that pushes nothing: silence proves nothing, so every hit asks the store. */
export class NoInvalidationFeed extends InvalidationFeed {
  override readonly proofMs = 0;

  override isProven(): boolean {
    return false;
  }

  override watch(): undefined {
    return undefined;
  }
}
