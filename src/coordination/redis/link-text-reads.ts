import type { SharedStoreContext } from '../shared-store.js';
import { TextReads } from '../text-reads.js';
import type { RedisLink } from './redis-link.js';

/** Entries and versions that are asked for in one tick travel in one command. */
export class LinkTextReads extends TextReads {
  constructor(
    private readonly link: RedisLink,
    private readonly report: SharedStoreContext['report'],
  ) {
    super();
  }

  override async get(location: string): Promise<string | undefined> {
    return (await this.link.get(location)).value;
  }

  override distrust(): void {
    this.link.drop();
    this.report({ type: 'connection-dropped' });
  }
}
