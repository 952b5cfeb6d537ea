import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { WriteIntents } from '../../src/coordination/write-intents.js';

export interface WriteIntentsUnderTest {
  readonly intents: WriteIntents;
  /** The same announcements as another process sees them; the first itself where there is no other. */
  readonly other: WriteIntents;
  close(): Promise<void>;
}

/** What every adapter of the port keeps, whatever it is made of. */
export function itAnnouncesWrites(adapter: string, open: () => Promise<WriteIntentsUnderTest>): void {
  describe(`announced writes in ${adapter}`, () => {
    let underTest: WriteIntentsUnderTest;
    let intents: WriteIntents;
    let other: WriteIntents;
    beforeEach(async () => {
      underTest = await open();
      ({ intents, other } = underTest);
    });
    afterEach(() => underTest.close());

    it('are pending for everybody from the announcement to the withdrawal', async () => {
      expect(await other.pending(['a'])).toBe(false);
      const announcement = await intents.announce(['a', 'b{}']);

      expect(await other.pending(['a'])).toBe(true);
      expect(await intents.pending(['c', 'b{}'])).toBe(true);
      expect(await other.pending(['c'])).toBe(false);
      expect(await other.pending([])).toBe(false);

      await announcement.withdraw();
      expect(await other.pending(['a', 'b{}'])).toBe(false);
    });

    it('are pending until the last of them is withdrawn', async () => {
      const one = await intents.announce(['a']);
      const two = await other.announce(['a']);

      await one.withdraw();
      await one.withdraw();
      expect(await intents.pending(['a'])).toBe(true);
      await two.withdraw();
      expect(await intents.pending(['a'])).toBe(false);
    });

    it('are confirmed while they are held', async () => {
      const announcement = await intents.announce(['a', 'b']);

      await announcement.confirm();
      expect(announcement.lost).toBe(false);
      await announcement.withdraw();
    });
  });
}
