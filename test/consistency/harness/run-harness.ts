import type { InstanceSettings } from './application/instance-requests.js';
import type { Fault } from './nemesis/fault.js';
import { NOT_COVERED } from './nemesis/faults.js';
import { Random } from './random.js';
import { runAct, type Act, type ActResult } from './run-act.js';
import type { FaultReport, HarnessReport } from './report.js';
import { LOADS, LOADS_OF_PEERS, SESSIONS, SHARES } from './shares.js';
import { Theatre } from './stage/theatre.js';
import { keepViolations } from './keep-violations.js';

export interface HarnessOptions {
  readonly share: string;
  readonly seed: number;
  /** The name of one fault. */
  readonly only: string | undefined;
  readonly instances: number;
  readonly secondsPerFault: number | undefined;
  /** Where histories of broken promises are kept. */
  readonly keep: string | undefined;
  readonly peer: InstanceSettings['peer'];
}

/** Runs every fault of the share, one after the other, over one set of servers and instances. */
export async function runHarness(options: HarnessOptions): Promise<HarnessReport> {
  const begunMs = performance.now();
  const acts = actsOf(options);
  const theatre = await Theatre.open(options);
  const faults: FaultReport[] = [];
  try {
    for (const act of acts) {
      const crashesBefore = theatre.crashes().length;
      const result = await runAct(theatre, act);
      keepViolations(result, act.fault.name, options.keep);
      faults.push(reportOn(act, result, theatre.crashes().slice(crashesBefore)));
      tell(faults.at(-1));
    }
  } finally {
    await theatre.close();
  }

  const levels = faults.flatMap((fault) => fault.levels);
  return {
    part: 'harness',
    share: options.share,
    seed: options.seed,
    instances: options.instances,
    ...(options.peer === undefined ? {} : { peer: options.peer.name }),
    faults,
    notCovered: NOT_COVERED,
    operations: levels.reduce((sum, { reads, failedReads, writes }) => sum + reads + failedReads + writes, 0),
    seconds: round((performance.now() - begunMs) / 1000),
  };
}

function actsOf({ share, only, seed, secondsPerFault, peer }: HarnessOptions): readonly Act[] {
  const chosen = SHARES[share];
  if (chosen === undefined) throw new RangeError(`There is no share ${share}: ${Object.keys(SHARES).join(', ')}`);
  const named = only === undefined ? chosen.faults : SHARES.long?.faults.filter(({ name }) => name === only);
  if (named === undefined || named.length === 0) throw new RangeError(`There is no fault ${String(only)}`);
  const isPeer = peer !== undefined || share === 'peer';

  return inOrder(named, Random.of(seed)).map((fault, index) => ({
    number: index + 1,
    fault,
    seed: seed * 100 + index,
    seconds: secondsPerFault ?? chosen.secondsPerFault,
    loads: isPeer ? LOADS_OF_PEERS : LOADS,
    sessions: isPeer ? { ...SESSIONS, sessions: 0 } : SESSIONS,
  }));
}

/** In some order, but with those last after which nothing linearizable is cached for a while. */
function inOrder(faults: readonly Fault[], random: Random): readonly Fault[] {
  const shuffled = random.shuffled(faults);

  return [
    ...shuffled.filter(({ restartsRedis }) => restartsRedis !== true),
    ...shuffled.filter(({ restartsRedis }) => restartsRedis === true),
  ];
}

function reportOn(
  { fault }: Act,
  { seconds, times, troubles, verdicts }: ActResult,
  crashes: readonly string[],
): FaultReport {
  return {
    fault: fault.name,
    seconds: round(seconds),
    times,
    troubles,
    levels: verdicts.map(({ report }) => report),
    convergedMs: Math.max(0, ...verdicts.map(({ convergedMs }) => convergedMs)),
    crashes,
  };
}

/** One line for each fault, for whoever waits. */
function tell(report: FaultReport | undefined): void {
  if (report === undefined) return;
  const { fault, seconds, levels, crashes } = report;
  const reads = levels.reduce((sum, level) => sum + level.reads, 0);
  const violations = levels.reduce((sum, { violationCount }) => sum + violationCount, 0);
  process.stderr.write(`${fault}: ${seconds} s, ${reads} reads, ${violations} violations, ${crashes.length} crashes\n`);
}

const round = (value: number): number => Math.round(value * 100) / 100;
