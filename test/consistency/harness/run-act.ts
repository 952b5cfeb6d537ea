import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CacheLoad, Troubles } from './application/instance-requests.js';
import { cacheOf, CACHES, LONGEST_BOUND_MS } from './caches.js';
import { HistoryReader } from './history/history-lines.js';
import { mergeHistory } from './history/merge.js';
import { nowNs } from './history/operation.js';
import { Recorder } from './history/recorder.js';
import type { RegisterRecord } from './history/register-record.js';
import { judge, type Convergence, type Verdict } from './judge.js';
import type { Fault } from './nemesis/fault.js';
import { Random } from './random.js';
import { HoppingSessions, type SessionLoad } from './stage/sessions.js';
import type { Theatre } from './stage/theatre.js';

/** Before the first fault, so that there is something in the caches. */
const LEAD_IN_MS = 700;

export interface Act {
  readonly number: number;
  readonly fault: Fault;
  readonly seconds: number;
  readonly seed: number;
  readonly loads: readonly CacheLoad[];
  readonly sessions: SessionLoad;
}

export interface ActResult {
  readonly seconds: number;
  readonly times: number;
  readonly troubles: Troubles;
  readonly verdicts: readonly Verdict[];
  readonly records: ReadonlyMap<string, RegisterRecord>;
}

/** Everybody reads and writes while the fault happens again and again; then all converges, and what was seen is judged. */
export async function runAct(theatre: Theatre, act: Act): Promise<ActResult> {
  const begunMs = performance.now();
  const recorder = new Recorder(theatre.historyFile(act.number, 'sessions'));
  await theatre.database.makeRegisters(act.number, act.loads);
  await theatre.begin({ act: act.number, loads: act.loads });
  const sessions = new HoppingSessions(act.number, act.sessions, () => theatre.instances, recorder, act.seed);

  const times = await repeatFault(theatre, act);
  await theatre.replaceCrashed();
  sessions.endWrites();
  await theatre.askAll('endWrites', undefined);
  const fromNs = nowNs() + LONGEST_BOUND_MS * 1e6;
  await sleep(LONGEST_BOUND_MS + 1);
  await sessions.end();
  const troubles = await theatre.askAll('finish', undefined);
  recorder.close();

  const records = await collect(theatre, act.number);
  const instances = theatre.instances.map(({ name }) => name);

  return {
    seconds: (performance.now() - begunMs) / 1000,
    times,
    troubles: summed(troubles),
    records,
    verdicts: verdictsOn(act, records, { instances, fromNs }),
  };
}

async function repeatFault(theatre: Theatre, { fault, seconds, seed, loads }: Act): Promise<number> {
  const random = Random.of(seed, 5);
  const stage = theatre.stage(
    random,
    loads.filter(({ writers }) => writers > 0).map(({ cache }) => cache),
  );
  const untilMs = performance.now() + seconds * 1000;
  let times = 0;
  await sleep(LEAD_IN_MS);
  do {
    await fault.happens(stage);
    times += 1;
    await sleep(random.between(200, 800));
  } while (performance.now() < untilMs);

  return times;
}

function summed(all: readonly Troubles[]): Troubles {
  const sums: Record<string, number> = {};
  for (const [name, count] of all.flatMap((each) => Object.entries(each))) sums[name] = (sums[name] ?? 0) + count;

  return sums;
}

async function collect(theatre: Theatre, act: number): Promise<ReadonlyMap<string, RegisterRecord>> {
  const reader = new HistoryReader();
  const prefix = `${act}-`;
  for (const name of readdirSync(theatre.folder).filter((each) => each.startsWith(prefix))) {
    const path = join(theatre.folder, name);
    reader.take(readFileSync(path, 'utf8'), name.slice(prefix.length, -'.tsv'.length));
    rmSync(path);
  }

  return mergeHistory(reader.reads, reader.writes(), await theatre.database.commitsOf(act));
}

function verdictsOn(
  { fault }: Act,
  records: ReadonlyMap<string, RegisterRecord>,
  convergence: Convergence,
): readonly Verdict[] {
  const claimed = CACHES.filter(({ level }) => fault.claimedBy.includes(level));

  return claimed.flatMap((cache) => {
    const own = [...records.values()].filter(({ register }) => cacheOf(register) === cache.name);
    return own.length === 0 ? [] : [judge(cache, own, convergence)];
  });
}
