import { Clock } from '../../time/clock.js';
import type { ClockProbe } from './redis-link.js';

/**
 * How much faster or slower the server's clock may run than ours. An operating system slews a clock by at most 500 ppm to
 * correct it (adjtimex(2)), and there are two clocks. Where one is slewed harder, each probe puts the error right, so that it
 * stays below what the excess makes of the time between two probes.
 */
const DRIFT = 0.001;
/** A node of which nothing was heard for so long, while others answered, is no longer one. */
const FORGET_NODE_AFTER_MS = 10_000;

/** Two lines between which a node's time lies. */
interface Limits {
  /** Its time is at least this, and (1 − drift) × the running time since the first probe. */
  readonly lowMs: number;
  /** Its time is at most this, and (1 + drift) × the local time since the first probe. */
  readonly highMs: number;
}

/** What is known of one node's clock. */
interface NodeTime extends Limits {
  /** By how much what was stamped with its time may be ahead of it, because it was set back. */
  readonly leadMs: number;
  readonly firstHeardMs: number;
  readonly lastHeardMs: number;
}

/**
 * The time of the server, within limits: one clock for all processes, so that no two hosts' clocks are ever compared.
 *
 * A probe that was sent at s and answered t brackets the server's time: at least t when the answer is here, at most t + (now −
 * s). Between probes both limits move with our own clocks, apart by the drift; what earlier probes said still narrows them.
 *
 * With several nodes, {@link nowMs} is no earlier than the time of any of them and {@link earliestMs} no later, so that
 * processes which hear of the nodes at different moments, or of different ones, never make an entry younger than it is. It
 * costs the difference between the nodes' clocks.
 *
 * A clock that is set back: what was stamped before must not look younger, so `nowMs` goes on as if nothing had happened,
 * while new entries are stamped with the new time. They look older by the step for as long as this process lives; with a step
 * beyond a bound, nothing under that bound is served from the cache any more, and everything is loaded. A process that starts
 * after the step cannot know of it: to it an entry from before looks younger by the step.
 *
 * Before the first probe nothing is known, and every age is infinite.
 */
export class ServerClock extends Clock {
  private readonly nodes = new Map<string, NodeTime>();
  private localOriginMs = 0;
  private runningOriginMs = 0;
  private lowMs = -Infinity;
  private highMs = Infinity;
  private latestMs = -Infinity;

  /**
   * @param local what the probes' instants are of; may leap ahead, never underestimates a length of time
   * @param running never overestimates a length of time
   */
  constructor(
    private readonly local: Clock,
    private readonly running: Clock,
  ) {
    super();
  }

  override nowMs(): number {
    if (this.highMs === Infinity) return Infinity;

    const nowMs = latest(this.highMs, this.local.nowMs() - this.localOriginMs);
    // A later probe may know better how late it can be, but a clock does not go back.
    if (nowMs > this.latestMs) this.latestMs = nowMs;

    return this.latestMs;
  }

  override earliestMs(): number {
    return earliest(this.lowMs, this.running.nowMs() - this.runningOriginMs);
  }

  /** Takes in what a probe has found. Called when its answer has arrived. */
  learn({ node, sentMs, receivedMs, serverMs }: ClockProbe): void {
    if (this.nodes.size === 0) {
      this.localOriginMs = sentMs;
      this.runningOriginMs = this.running.nowMs();
    }
    const heard = { localMs: receivedMs - this.localOriginMs, runningMs: this.running.nowMs() - this.runningOriginMs };
    const probed: Limits = {
      lowMs: serverMs - (1 - DRIFT) * heard.runningMs,
      highMs: serverMs - (1 + DRIFT) * (sentMs - this.localOriginMs),
    };

    const known = this.nodes.get(node);
    this.nodes.set(node, {
      ...(known === undefined ? { ...probed, leadMs: 0 } : together(known, probed, heard)),
      firstHeardMs: known?.firstHeardMs ?? heard.localMs,
      lastHeardMs: heard.localMs,
    });
    for (const [name, silent] of this.nodes) {
      if (heard.localMs - silent.lastHeardMs > FORGET_NODE_AFTER_MS) this.forget(name, silent, heard);
    }

    const nodes = [...this.nodes.values()];
    this.lowMs = Math.min(...nodes.map(({ lowMs }) => lowMs));
    this.highMs = Math.max(...nodes.map(({ highMs, leadMs }) => highMs + leadMs));
  }

  /** What was stamped while the node was heard is no later than the time of any other that was heard then, if there is one. */
  private forget(name: string, gone: NodeTime, heard: Instant): void {
    this.nodes.delete(name);
    const others = [...this.nodes];
    if (others.some(([, { firstHeardMs }]) => firstHeardMs <= gone.lastHeardMs)) return;

    for (const [other, time] of others) {
      const leadMs = Math.max(time.leadMs, gone.leadMs + behindMs(gone, time, heard));
      this.nodes.set(other, { ...time, leadMs });
    }
  }
}

/** One moment by our two clocks, since the first probe. */
interface Instant {
  readonly localMs: number;
  readonly runningMs: number;
}

/** What an earlier and a later probe of one node say together; the later alone if the node's clock was set in between. */
function together(known: NodeTime, probed: Limits, heard: Instant): Limits & Pick<NodeTime, 'leadMs'> {
  const lowMs = Math.max(known.lowMs, probed.lowMs);
  const highMs = Math.min(known.highMs, probed.highMs);
  if (earliest(lowMs, heard.runningMs) <= latest(highMs, heard.localMs)) {
    return { lowMs, highMs, leadMs: known.leadMs };
  }

  return { ...probed, leadMs: Math.max(0, known.leadMs + behindMs(known, probed, heard)) };
}

/** By how much the second can be behind the first; negative when it is ahead for certain. */
function behindMs(first: Limits, second: Limits, { localMs, runningMs }: Instant): number {
  return latest(first.highMs, localMs) - earliest(second.lowMs, runningMs);
}

function earliest(lowMs: number, runningMs: number): number {
  return lowMs + (1 - DRIFT) * runningMs;
}

function latest(highMs: number, localMs: number): number {
  return highMs + (1 + DRIFT) * localMs;
}
