import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type {
  AnswerMessage,
  Answered,
  Asked,
  InstanceSettings,
  RequestMessage,
  RequestName,
} from '../application/instance-requests.js';

const MAIN = join(import.meta.dirname, '..', 'application', 'main.js');
const LAST_WORDS = 4_000;

/** The instance ended, or was ended, before it answered. */
export class InstanceGoneError extends Error {
  override readonly name = 'InstanceGoneError';
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One instance of the application in a process of its own, which ends with this one. */
export class InstanceProcess {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private calls = 0;
  private errors = '';
  private isEnding = false;
  private readonly exited: Promise<void>;
  private hasExited = false;

  private constructor(readonly settings: InstanceSettings) {
    this.child = spawn(process.execPath, [MAIN, JSON.stringify(settings)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const end = () => this.child.kill('SIGKILL');
    // A paused process does not see that its parent has gone.
    process.once('exit', end);
    this.child.stderr?.on('data', (text: Buffer) => (this.errors = (this.errors + String(text)).slice(-LAST_WORDS)));
    this.child.on('message', (message) => {
      this.hear(message as AnswerMessage);
    });
    this.exited = new Promise((resolve) => {
      this.child.once('exit', () => {
        process.removeListener('exit', end);
        this.hasExited = true;
        for (const { reject } of this.waiting.values()) reject(new InstanceGoneError(`${settings.name} is gone`));
        this.waiting.clear();
        resolve();
      });
    });
  }

  /** @throws {InstanceGoneError} with its last words when it does not open */
  static async start(settings: InstanceSettings): Promise<InstanceProcess> {
    const instance = new InstanceProcess(settings);
    try {
      await new Promise((resolve, reject) => instance.waiting.set(0, { resolve, reject }));
    } catch {
      throw new InstanceGoneError(`${settings.name} did not open: ${instance.errors}`);
    }

    return instance;
  }

  get name(): string {
    return this.settings.name;
  }

  /** How it ended although nobody asked it to, or undefined. */
  get crash(): string | undefined {
    return this.hasExited && !this.isEnding ? `${this.name} has ended: ${this.errors}` : undefined;
  }

  /** @throws {InstanceGoneError} when it ends before it has answered */
  async ask<Name extends RequestName>(name: Name, asked: Asked<Name>): Promise<Answered<Name>> {
    if (this.hasExited || !this.child.connected) throw new InstanceGoneError(`${this.name} is gone`);
    this.calls += 1;
    const message: RequestMessage = { call: this.calls, name, asked };
    const answer = new Promise((resolve, reject) => this.waiting.set(message.call, { resolve, reject }));
    // That the channel is closed is found out by `exit`.
    this.child.send(message, () => undefined);

    return (await answer) as Answered<Name>;
  }

  /** Stops it in its tracks: connections stay open, and it does nothing until `resume`. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  /** As a crash would. */
  async kill(): Promise<void> {
    this.isEnding = true;
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private hear({ call, answer, error }: AnswerMessage): void {
    const waiting = this.waiting.get(call);
    this.waiting.delete(call);
    if (error === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(`${this.name}: ${error}`));
  }
}
