import { SessionContext } from 'nestjs-consistent-cache';
import { Pool } from 'pg';
import { Recorder } from '../history/recorder.js';
import { openPeer } from '../peers/open-peer.js';
import { Random } from '../random.js';
import { ConsistentRegisters } from './consistent-registers.js';
import { Delays } from './delays.js';
import type { Answered, Asked, InstanceSettings, RequestName } from './instance-requests.js';
import { openApplication } from './open-application.js';
import { Operations } from './operations.js';
import type { CachedRegisters } from './register.js';
import { Registers } from './registers.js';
import { workInSession } from './session-work.js';
import { stepClock } from './stepped-clock.js';
import { Workload } from './workload.js';
import { WriteGate } from './write-gate.js';

const CONNECTIONS = 10;

export type Duties = {
  readonly [Name in RequestName]: (asked: Asked<Name>) => Answered<Name> | Promise<Answered<Name>>;
};

/** One instance of the application, and how it does what it is told. */
export async function openInstance(settings: InstanceSettings): Promise<Duties> {
  const gate = new WriteGate();
  const pool = new Pool({ connectionString: settings.databaseUrl, max: CONNECTIONS });
  const origin = new Registers(pool, new Delays(Random.of(settings.seed)), gate);
  const { registers, sessions } = await openCaches(origin, settings);
  let recorder: Recorder | undefined;
  let workload: Workload | undefined;

  return {
    begin: (plan) => {
      recorder = gate.recorder = new Recorder(plan.history);
      workload = new Workload(plan, new Operations(registers, recorder, settings.name, plan.act));
    },
    endWrites: () => workload?.endWrites(),
    pauseWrites: (cache) => workload?.pauseWrites(cache),
    resumeWrites: (cache) => {
      workload?.resumeWrites(cache);
    },
    finish: async () => {
      await workload?.endReads();
      recorder?.close();
      workload = recorder = gate.recorder = undefined;

      return registers.troubles();
    },
    hold: (hold) => gate.hold(hold),
    release: () => {
      gate.release();
    },
    stepClock,
    inSession: (request) => {
      if (sessions === undefined) throw new Error('a peer knows no sessions');

      return workInSession(sessions, registers, request);
    },
  };
}

async function openCaches(
  origin: Registers,
  settings: InstanceSettings,
): Promise<{ readonly registers: CachedRegisters; readonly sessions: SessionContext | undefined }> {
  if (settings.peer !== undefined)
    return { registers: await openPeer(settings.peer, settings.redisUrl, origin), sessions: undefined };
  const app = await openApplication(origin, settings);

  return { registers: new ConsistentRegisters(app), sessions: app.get(SessionContext) };
}
