import type { CacheUnderTest } from '../caches.js';
import type { Accusation, RegisterRecord } from '../history/register-record.js';
import { changedContent, foreignContent } from './own-content.js';
import { refusedButDone } from './refusals.js';
import { wentBack } from './session.js';
import { missedAcknowledged } from './strong.js';
import { notCurrent } from './was-current.js';

type Check = (record: RegisterRecord) => readonly Accusation[];

/** What docs/explanation says that reads of this cache never do. */
export function checksOf({ level, boundMs }: CacheUnderTest): readonly Check[] {
  const withinBound: Check = (record) => notCurrent(record, boundMs);
  switch (level) {
    case 'linearizable':
      return [withinBound, foreignContent, refusedButDone];
    case 'strong':
      return [missedAcknowledged, foreignContent, refusedButDone];
    case 'session':
      return [wentBack, withinBound, foreignContent, refusedButDone];
    case 'bounded':
    case 'eventual':
      return [withinBound, foreignContent, refusedButDone];
    case 'immutable':
      return [changedContent, refusedButDone];
  }
}
