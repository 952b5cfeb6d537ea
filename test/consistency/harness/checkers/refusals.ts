import { ms, type Accusation, type RegisterRecord } from '../history/register-record.js';

/** Writes that were refused, which says that nothing has happened, and are committed all the same. */
export function refusedButDone({ register, commits }: RegisterRecord): readonly Accusation[] {
  return commits.flatMap(({ outcome, by, id, version, begunNs }) =>
    outcome === 'refused'
      ? [
          {
            register,
            fault: 'refused-but-done',
            story: `${by} refused write ${id} of ${register}, begun at ${ms(begunNs)}, and it is version ${version}`,
          },
        ]
      : [],
  );
}
