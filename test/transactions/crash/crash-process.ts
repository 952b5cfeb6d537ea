import { spawn, type ChildProcess } from 'node:child_process';
import type { CrashAnswer, CrashRequest, CrashSettings, GatePoint, Level } from './crash-point.js';

type Question = CrashRequest extends infer Each ? (Each extends CrashRequest ? Omit<Each, 'call'> : never) : never;

/** A process of the application, which ends with this one. */
export class CrashProcess {
  private readonly waiting = new Map<number, (answer: CrashAnswer) => void>();
  private readonly exited: Promise<void>;
  private calls = 0;

  private constructor(private readonly child: ChildProcess) {
    this.exited = new Promise((resolve) =>
      child.once('exit', () => {
        resolve();
      }),
    );
    child.on('message', (message) => {
      const answer = message as CrashAnswer;
      this.waiting.get(answer.call)?.(answer);
      this.waiting.delete(answer.call);
    });
  }

  static async start(program: string, settings: CrashSettings): Promise<CrashProcess> {
    const child = spawn(process.execPath, [program, JSON.stringify(settings)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const started = new CrashProcess(child);
    const ready = new Promise((resolve) => started.waiting.set(0, resolve));
    const died = started.exited.then(() => Promise.reject(new Error('the process did not start')));
    await Promise.race([ready, died]);
    died.catch(() => undefined);

    return started;
  }

  async read(level: Level, id: string): Promise<{ readonly value: number; readonly isHit: boolean }> {
    const { value = NaN, isHit = false } = await this.ask({ ask: 'read', level, id });

    return { value, isHit };
  }

  /** Settles when it waits there. */
  async writeUntil(at: GatePoint, level: Level, id: string): Promise<void> {
    await this.ask({ ask: 'write', at, level, id });
  }

  async release(): Promise<void> {
    await this.ask({ ask: 'release' });
  }

  /** As a crash would end it. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private ask(question: Question): Promise<CrashAnswer> {
    this.calls += 1;
    const call = this.calls;
    const answered = new Promise<CrashAnswer>((resolve) => this.waiting.set(call, resolve));
    this.child.send({ ...question, call });

    return answered;
  }
}
