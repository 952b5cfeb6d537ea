import { accuse, type Accusation, type RegisterRecord } from '../history/register-record.js';

/** Reads that were given what belongs to another register, or to another user: a value says itself whose it is. */
export function foreignContent({ register, reads }: RegisterRecord): readonly Accusation[] {
  return reads.flatMap((read) =>
    read.outcome !== 'failed' && read.content !== register
      ? [accuse(read, 'foreign', `the value belongs to ${read.content}`)]
      : [],
  );
}

/** Reads of a version that answer with anything but what was committed as that version. */
export function changedContent({ commits, reads }: RegisterRecord): readonly Accusation[] {
  return reads.flatMap((read) => {
    const committed = commits[read.version - 1];
    if (read.outcome === 'failed' || read.content === committed?.id) return [];

    return [accuse(read, 'changed', `it is ${read.content}, and ${committed?.id ?? 'nothing'} was committed`)];
  });
}
