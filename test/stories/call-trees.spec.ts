import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EngineUnderTest } from '../support/engine-under-test.js';

/*
 * Random trees of caches over the rows of a source, each of them read while rows are written, with evictions and without, and
 * time passes. Every answer is compared with what was committed: a value is no better than its worst part, and no worse.
 */

const ROWS = ['a', 'b'] as const;
type Row = (typeof ROWS)[number];
/** How many commits of each row a value has seen. */
type Rows = Partial<Record<Row, number>>;

/** How long a bounded value may lag, and an eventual one is kept. */
const BOUND_MS = 100;
const WEAK = ['bounded', 'eventual'] as const;
const STRICT = ['linearizable', 'strong'] as const;
const TERMS = {
  linearizable: {},
  strong: {},
  bounded: { tolerance: { max: `${BOUND_MS}ms` } },
  eventual: { ttl: `${BOUND_MS}ms` },
} as const;
type Level = keyof typeof TERMS;

interface Tree {
  readonly level: Level;
  /** What it reads from the source itself. */
  readonly rows: readonly Row[];
  /** Whether its tags name these rows. One that promises to see writes names them, and those of parts that do not. */
  readonly tagged: boolean;
  readonly parts: readonly Tree[];
  /** Whether its parts are read side by side, and not one after the other. */
  readonly together: boolean;
}

/** As deep as this and no deeper. */
const DEPTH = 3;
const someTree = treeOfDepth(DEPTH);

function treeOfDepth(depth: number): fc.Arbitrary<Tree> {
  return fc.record({
    level: fc.constantFrom(...WEAK, ...STRICT),
    rows: fc.subarray([...ROWS]),
    tagged: fc.boolean(),
    parts:
      depth === 1
        ? fc.constant([])
        : fc.array(treeOfDepth(depth - 1), { minLength: depth === DEPTH ? 1 : 0, maxLength: 2 }),
    together: fc.boolean(),
  });
}

type Step =
  /** Reads one of the caches, on behalf of somebody who may demand something. */
  | { readonly do: 'read'; readonly which: number; readonly demandMs: number | undefined }
  | { readonly do: 'write'; readonly row: Row; readonly evicts: boolean }
  | { readonly do: 'pass'; readonly ms: number }
  /** Until nothing is under way. */
  | { readonly do: 'settle' };

const someStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      which: fc.nat({ max: 3 }),
      demandMs: fc.option(fc.constantFrom(0, 40), { nil: undefined, freq: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('write' as const), row: fc.constantFrom(...ROWS), evicts: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 40, 60, 80) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'settle' as const }) },
);

/** Moments are counted, so that of two that share a millisecond one is the earlier. */
interface Commit {
  readonly row: Row;
  readonly number: number;
  readonly evicts: boolean;
  readonly at: number;
  readonly atMs: number;
  acknowledgedAt: number;
}

interface Reading {
  readonly of: Tree;
  readonly demandMs: number | undefined;
  readonly begunAt: number;
  readonly begunMs: number;
  readonly endedAt: number;
  readonly saw: Rows;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Source {
  readonly commits: Commit[] = [];
  readonly readings: Reading[] = [];
  private readonly engine = new EngineUnderTest();
  /** From the root down. */
  private readonly caches: { readonly tree: Tree; readonly read: () => Promise<Rows> }[] = [];
  private moments = 0;
  private queries = 0;

  /** @param delays how many turns the answers of the source take, in their order */
  constructor(
    root: Tree,
    private readonly delays: readonly number[],
  ) {
    this.cacheOf(root);
  }

  async play(steps: readonly Step[]): Promise<void> {
    const running: Promise<void>[] = [];
    for (const step of steps) {
      if (step.do === 'pass') this.engine.clock.advance(`${step.ms}ms`);
      else if (step.do === 'settle') await Promise.all(running.splice(0));
      else running.push(step.do === 'read' ? this.reading(step) : this.writing(step));
      await turn();
    }
    await Promise.all(running);
  }

  private cacheOf(tree: Tree): () => Promise<Rows> {
    const place = this.caches.length;
    const name = `cache ${place}`;
    // In its place before its parts, which are declared first.
    this.caches.push({ tree, read: () => read() });
    const parts = tree.parts.map((part) => this.cacheOf(part));
    const read = this.engine.cached(
      {
        name,
        consistency: tree.level,
        tags: Object.fromEntries(tagsOf(tree).map((row) => [row, () => row])),
        ...TERMS[tree.level],
      },
      async () => {
        const own = await this.query(tree.rows);
        const made = tree.together ? await Promise.all(parts.map((part) => part())) : await inTurn(parts);

        return [own, ...made].reduce(oldest, {});
      },
    );

    return read;
  }

  /** Reads now, and answers some turns later. */
  private async query(rows: readonly Row[]): Promise<Rows> {
    const saw = Object.fromEntries(rows.map((row) => [row, this.commitsOf(row)]));
    this.queries += 1;
    const turns = this.delays[this.queries % this.delays.length] ?? 0;
    for (let left = turns; left > 0; left -= 1) await turn();

    return saw;
  }

  private async reading({ which, demandMs }: Step & { readonly do: 'read' }): Promise<void> {
    const cache = this.caches[which % this.caches.length];
    if (cache === undefined) throw new Error('a tree has a root');
    const begunAt = this.now();
    const begunMs = this.engine.clock.nowMs();
    const saw = await (demandMs === undefined ? cache.read() : this.engine.demanding(demandMs, cache.read));
    this.readings.push({ of: cache.tree, demandMs, begunAt, begunMs, endedAt: this.now(), saw });
  }

  private async writing({ row, evicts }: Step & { readonly do: 'write' }): Promise<void> {
    let commit: Commit | undefined;
    const write = async (): Promise<void> => {
      const [at, atMs] = [this.now(), this.engine.clock.nowMs()];
      commit = { row, number: this.commitsOf(row) + 1, evicts, at, atMs, acknowledgedAt: Infinity };
      this.commits.push(commit);
      await turn();
    };
    await (evicts ? this.engine.writing({ tags: { [row]: () => row } }, write)() : write());
    if (commit !== undefined && evicts) commit.acknowledgedAt = this.now();
  }

  private commitsOf(row: Row): number {
    return this.commits.filter((commit) => commit.row === row).length;
  }

  private now(): number {
    this.moments += 1;

    return this.moments;
  }
}

async function inTurn(reads: readonly (() => Promise<Rows>)[]): Promise<readonly Rows[]> {
  const all: Rows[] = [];
  for (const read of reads) all.push(await read());

  return all;
}

/** Of each row the oldest state that any part was made of: that is what must not be too old. */
function oldest(a: Rows, b: Rows): Rows {
  const all = { ...a, ...b };

  return Object.fromEntries(
    (Object.keys(all) as Row[]).map((row) => [row, Math.min(a[row] ?? Infinity, b[row] ?? Infinity)]),
  );
}

function isStrict({ level }: Tree): boolean {
  return STRICT.some((strict) => strict === level);
}

/** What its declaration names: the tags of its parts reach it without. */
function tagsOf(tree: Tree): readonly Row[] {
  if (isStrict(tree)) return [...new Set([...tree.rows, ...untagged(tree)])];

  return tree.tagged ? tree.rows : [];
}

/** The rows of whose writes nothing in it is told. */
function untagged(tree: Tree): readonly Row[] {
  const own = isStrict(tree) || tree.tagged ? [] : tree.rows;

  return [...own, ...tree.parts.flatMap((part) => (isStrict(part) ? [] : untagged(part)))];
}

/** The promise of the cache that was read, and of whoever demanded more. */
function brokenBy({ of, demandMs, begunAt, begunMs, saw }: Reading, commits: readonly Commit[]): readonly string[] {
  const isToldOf = (row: Row): boolean => isStrict(of) || !untagged(of).includes(row);
  const mayLagMs = Math.min(isStrict(of) ? Infinity : BOUND_MS, demandMs ?? Infinity);

  return commits
    .filter(({ row, number }) => (saw[row] ?? Infinity) < number)
    .flatMap(({ row, number, at, atMs, acknowledgedAt }) => {
      const missed = `${of.level} saw ${row} at ${saw[row] ?? 0} and missed ${number}`;
      if (acknowledgedAt < begunAt && isToldOf(row)) return [`${missed}, which was acknowledged`];
      if (demandMs === 0 && at < begunAt) return [`${missed}, although it asked for the origin`];

      return atMs < begunMs - mayLagMs ? [`${missed}, of ${begunMs - atMs} ms before`] : [];
    });
}

/** Nobody goes back behind what anybody has seen under linearizable, except behind writes that nothing announced. */
function inversions({ readings, commits }: Source): readonly string[] {
  const linearizable = readings.filter(({ of }) => of.level === 'linearizable');

  return linearizable.flatMap((later) =>
    linearizable
      .filter((earlier) => earlier.endedAt < later.begunAt)
      .flatMap((earlier) =>
        commits
          .filter(({ row, number, evicts }) => evicts && hasSeen(earlier, row, number) && misses(later, row, number))
          .map(({ row, number }) => `${row} at ${number} was seen, and then it was not`),
      ),
  );
}

function hasSeen({ saw }: Reading, row: Row, number: number): boolean {
  return (saw[row] ?? -1) >= number;
}

function misses({ saw }: Reading, row: Row, number: number): boolean {
  return (saw[row] ?? Infinity) < number;
}

it('whatever is made of whatever, every answer keeps the promise of its cache, and what its caller demands', async () => {
  let lagging = 0;
  await fc.assert(
    fc.asyncProperty(
      someTree,
      fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 5 }),
      fc.array(someStep, { minLength: 10, maxLength: 30 }),
      async (root, delays, steps) => {
        const source = new Source(root, delays);
        await source.play(steps);
        const { readings, commits } = source;

        expect(readings.flatMap((reading) => brokenBy(reading, commits))).toEqual([]);
        expect(inversions(source)).toEqual([]);
        lagging += readings.filter((reading) =>
          commits.some(({ row, number, at }) => at < reading.begunAt && misses(reading, row, number)),
        ).length;
      },
    ),
    { numRuns: Number(process.env.TREE_RUNS ?? 1_000) },
  );

  // Otherwise nothing was ever answered from a cache that had reason to lag, and the promises were kept by nobody.
  expect(lagging).toBeGreaterThan(50);
}, 120_000);
