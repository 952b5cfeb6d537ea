import type { Stage } from '../play.js';
import type { Instance } from '../world/instance.js';
import type { ReadRow } from '../world/scheduled-world.js';

/** Both instances have the row, before anything happens. */
export function known({ world, rows }: Stage): {
  readonly here: ReadRow;
  readonly there: ReadRow;
  readonly before: () => Promise<void>;
} {
  const { here, there } = world.cachedTwice(rows);

  return {
    here,
    there,
    before: async () => {
      // What was loaded under a version that was just made is copied when it is read again.
      for (const read of [here, there, here, there]) await read('a');
    },
  };
}

export async function again({ world }: Stage, by: string, read: ReadRow, at: Instance): Promise<void> {
  await world.reading(by, () => read('a'), at);
  await world.reading(by, () => read('a'), at);
}
