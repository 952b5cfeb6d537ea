import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Deferred } from './deferred.js';
import { monotonicMs } from './monotonic-clock.js';

/** What the origin answers. */
export interface OriginAnswer {
  /** The how manyth call of this cache it was. */
  readonly call: number;
  /** How often the key had been written when the origin looked. */
  readonly version: number;
  /** When it looked: at the beginning of the call, so that an answer can be as old as its call was long. */
  readonly readAtMs: number;
}

/** One call, as the origin saw it. */
export interface OriginCall {
  readonly key: string;
  /** The process that asked. */
  readonly pid: number;
  readonly beganMs: number;
}

/** Beside which calls of one cache are counted. */
interface Lane {
  readonly calls: OriginCall[];
  running: number;
  most: number;
  takesMs: number;
  /** What calls wait for, and how many more of them. */
  gate: { readonly opened: Deferred; left: number } | undefined;
}

/** Longer than clients keep a connection that nobody uses, or now and then a call meets one that is just being closed. */
const IDLE_CONNECTION_MS = 65_000;

/** The origin of several processes: it answers over HTTP, and knows how many calls it had, and how many at once. */
export class CountingOrigin {
  private readonly lanes = new Map<string, Lane>();
  private readonly versions = new Map<string, number>();

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.answer(request, response);
    });
  }

  static async start(): Promise<CountingOrigin> {
    const server = createServer({ keepAliveTimeout: IDLE_CONNECTION_MS });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

    return new CountingOrigin(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  callsOf(cache: string): readonly OriginCall[] {
    return this.laneOf(cache).calls;
  }

  mostAtOnce(cache: string): number {
    return this.laneOf(cache).most;
  }

  /** How long each later call of this cache takes. */
  takes(cache: string, ms: number): void {
    this.laneOf(cache).takesMs = ms;
  }

  /** So many calls of this cache that come from now on are not answered before they are let go, by what this returns. */
  hold(cache: string, calls = Infinity): () => void {
    const gate = { opened: new Deferred(), left: calls };
    this.laneOf(cache).gate = gate;

    return () => {
      gate.left = 0;
      gate.opened.resolve();
    };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, cache = '', key = ''] = (request.url ?? '').split('/');
    const name = `${cache}/${key}`;
    const version = this.versions.get(name) ?? 0;
    if (request.method === 'PUT') {
      this.versions.set(name, version + 1);
      response.end();
      return;
    }
    const lane = this.laneOf(cache);
    const beganMs = monotonicMs();
    lane.calls.push({ key, pid: Number(request.headers['x-pid']), beganMs });
    lane.running += 1;
    lane.most = Math.max(lane.most, lane.running);
    // Also when the process that asked has died.
    response.once('close', () => {
      lane.running -= 1;
    });
    const answer: OriginAnswer = { call: lane.calls.length, version, readAtMs: beganMs };
    await Promise.all([opened(lane), lane.takesMs > 0 ? sleep(lane.takesMs) : undefined]);
    response.end(JSON.stringify(answer));
  }

  private laneOf(cache: string): Lane {
    let lane = this.lanes.get(cache);
    if (lane === undefined) {
      lane = { calls: [], running: 0, most: 0, takesMs: 0, gate: undefined };
      this.lanes.set(cache, lane);
    }

    return lane;
  }
}

async function opened({ gate }: Lane): Promise<void> {
  if (gate === undefined || gate.left === 0) return;
  gate.left -= 1;
  await gate.opened.promise;
}
