import { describe, expect, it } from '@jest/globals';
import { begunLine, committedLine, endedLine, HistoryReader, readLine } from './history-lines.js';
import { BrokenHistoryError, mergeHistory } from './merge.js';
import type { ReadOperation } from './operation.js';

const READ: ReadOperation = {
  register: '1/strong/0',
  by: 'one',
  session: undefined,
  begunNs: 50,
  endedNs: 60,
  outcome: 'hit',
  version: 1,
  content: '1/strong/0',
};
const WRITE = {
  id: 'one.1',
  register: '1/strong/0',
  by: 'one',
  session: 's1',
  begunNs: 10,
  outcome: 'unknown' as const,
};
const COMMIT = { register: '1/strong/0', version: 1, id: 'one.1' };

function readerOf(texts: Readonly<Record<string, string>>): HistoryReader {
  const reader = new HistoryReader();
  for (const [by, text] of Object.entries(texts)) reader.take(text, by);

  return reader;
}

describe('A history in lines', () => {
  it('comes back as it was written', () => {
    const failed = { ...READ, outcome: 'failed' as const, content: 'it\tfailed\nbadly' };
    const { reads } = readerOf({ one: readLine(READ) + readLine({ ...READ, session: 's2' }) + readLine(failed) });

    expect(reads).toEqual([READ, { ...READ, session: 's2' }, { ...failed, content: 'it failed badly' }]);
  });

  it('puts a write together from what different processes know of it', () => {
    const ended = endedLine('one.1', 40, 'acknowledged');
    const reader = readerOf({ two: committedLine('one.1', 30), one: begunLine(WRITE) + ended });

    expect(reader.writes()).toEqual([{ ...WRITE, committedNs: 30, endedNs: 40, outcome: 'acknowledged' }]);
  });

  it('knows how far a killed process had come, and takes half a line for none', () => {
    const reader = readerOf({ one: begunLine(WRITE) + committedLine('one.1', 30) + 'e\tone.1\t4' });

    expect(reader.writes()).toEqual([{ ...WRITE, committedNs: 30, endedNs: Infinity, outcome: 'unknown' }]);
  });
});

describe('A merged history', () => {
  const write = { ...WRITE, committedNs: 30, endedNs: 40, outcome: 'acknowledged' as const };

  it('orders writes by the versions that the database gave them', () => {
    const earlier = { ...write, id: 'two.1', by: 'two' };
    const commits = [
      { ...COMMIT, version: 2 },
      { ...COMMIT, id: 'two.1' },
    ];
    const merged = mergeHistory([READ], [write, earlier], commits).get(COMMIT.register);

    expect(merged?.commits.map(({ id, version }) => `${version} ${id}`)).toEqual(['1 two.1', '2 one.1']);
    expect(merged?.reads).toEqual([READ]);
  });

  it('keeps apart what was never committed', () => {
    const merged = mergeHistory([], [write, { ...write, id: 'one.2', outcome: 'refused' }], [COMMIT]);

    expect(merged.get(COMMIT.register)?.uncommitted.map(({ id }) => id)).toEqual(['one.2']);
  });

  it('is refused when it does not fit the database', () => {
    expect(() => mergeHistory([], [], [COMMIT])).toThrow(BrokenHistoryError);
    expect(() => mergeHistory([], [write], [{ ...COMMIT, version: 2 }])).toThrow(BrokenHistoryError);
    expect(() => mergeHistory([], [{ ...write, committedNs: 9 }], [COMMIT])).toThrow(BrokenHistoryError);
  });
});
