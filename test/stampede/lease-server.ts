import type { Clock } from '../../src/time/clock.js';

interface Cell {
  readonly text: string;
  readonly untilMs: number;
}

/** Which of the three scripts of a lease a command is; its own name if it is none. */
export function leaseOperation([name = '', script = '']: readonly string[]): string {
  if (name !== 'EVAL') return name;
  if (script.includes("'NX'")) return 'acquire';

  return script.includes('PEXPIRE') ? 'renew' : 'release';
}

/** What a Redis does with the commands of leases and values; that it does so, the contract of load leases asks a real one. */
export class LeaseServer {
  isDown = false;
  private readonly cells = new Map<string, Cell>();

  constructor(private readonly clock: Clock) {}

  /** @throws while it is down */
  carryOut(command: readonly string[]): unknown {
    if (this.isDown) throw new Error('the server is away');
    const operation = leaseOperation(command);
    if (operation === 'GET') return this.at(command[1]) ?? null;
    if (operation === 'SET') return this.put(command[1], command[2], Infinity);

    const [, , , key, holder, ms] = command;
    const held = this.at(key);
    if (operation === 'acquire') {
      if (held !== undefined) return held === 'fruitless' ? held : 'held';
      this.put(key, holder, Number(ms));
      return 'granted';
    }
    if (held !== holder) return 0;
    if (operation === 'renew') this.put(key, holder, Number(ms));
    else this.put(key, 'fruitless', Number(ms));
    return 1;
  }

  private at(key = ''): string | undefined {
    const cell = this.cells.get(key);

    return cell !== undefined && this.clock.nowMs() < cell.untilMs ? cell.text : undefined;
  }

  private put(key = '', text = '', ms: number): string {
    this.cells.set(key, { text, untilMs: this.clock.nowMs() + ms });

    return 'OK';
  }
}
