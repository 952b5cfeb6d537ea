import type { INestApplicationContext } from '@nestjs/common';
import { CacheEvents, CallerContext } from 'nestjs-consistent-cache';
import type { CacheEvent } from 'nestjs-consistent-cache';
import { AsyncLocalStorage } from 'node:async_hooks';
import { cacheOf } from '../caches.js';
import type { Troubles } from './instance-requests.js';
import { DeclaredCaches } from './declared-caches.js';
import { CachedRegisters, type Answer, type Register } from './register.js';
import { Registers } from './registers.js';

/** Events that say nothing about a fault. */
const EVERYDAY: ReadonlySet<CacheEvent['type']> = new Set([
  'entry-missed',
  'load-joined',
  'load-finished',
  'tags-evicted',
  'entry-served',
]);

/** The registers through this library's caches, in a Nest application. */
export class ConsistentRegisters extends CachedRegisters {
  private readonly caches: DeclaredCaches;
  private readonly callers: CallerContext;
  private readonly registers: Registers;
  /** A listener runs inside the read that it hears of, so this says of which. */
  private readonly reading = new AsyncLocalStorage<{ outcome: Answer['outcome'] }>();

  private readonly heard = new Map<string, number>();

  constructor(app: INestApplicationContext) {
    super();
    this.caches = app.get(DeclaredCaches);
    this.callers = app.get(CallerContext);
    this.registers = app.get(Registers);
    app.get(CacheEvents).subscribe((event) => {
      this.hear(event);
    });
  }

  override read(name: string): Promise<Answer> {
    return this.observed(() => this.through(name));
  }

  override revision(name: string, version: number): Promise<Answer> {
    return this.observed(() => this.caches.revision(name, version));
  }

  override write(name: string, id: string): Promise<number> {
    switch (cacheOf(name)) {
      case 'linearizable':
        return this.caches.writeLinearizable(name, id);
      case 'strong':
        return this.caches.writeStrong(name, id);
      case 'user': {
        const { topic, user } = ownerOf(name);
        return this.caches.writeOwn(topic, user, id);
      }
      case 'session':
        return this.caches.writeSession(name, id);
      case 'bounded':
        return this.caches.writeBounded(name, id);
      case 'eventual':
        return this.caches.writeEventual(name, id);
      default:
        return this.registers.write(name, id);
    }
  }

  override troubles(): Troubles {
    const heard = Object.fromEntries(this.heard);
    this.heard.clear();

    return heard;
  }

  private through(name: string): Promise<Register> {
    switch (cacheOf(name)) {
      case 'linearizable':
        return this.caches.linearizable(name);
      case 'strong':
        return this.caches.strong(name);
      case 'user': {
        const { topic, user } = ownerOf(name);
        return this.callers.runAs({ user }, () => this.caches.own(topic));
      }
      case 'session':
        return this.caches.session(name);
      case 'bounded':
        return this.caches.bounded(name);
      case 'imported':
        return this.caches.imported(name);
      case 'eventual':
        return this.caches.eventual(name);
      default:
        throw new RangeError(`no cache reads ${name}`);
    }
  }

  private async observed(read: () => Promise<Register>): Promise<Answer> {
    const seen: { outcome: Answer['outcome'] } = { outcome: 'miss' };
    const register = await this.reading.run(seen, read);

    return { register, outcome: seen.outcome };
  }

  private hear(event: CacheEvent): void {
    if (event.type === 'entry-served') {
      const seen = this.reading.getStore();
      if (seen !== undefined) seen.outcome = event.outcome;
    } else if (!EVERYDAY.has(event.type)) {
      this.heard.set(event.type, (this.heard.get(event.type) ?? 0) + 1);
    }
  }
}

function ownerOf(name: string): { readonly topic: string; readonly user: string } {
  const slash = name.lastIndexOf('/');

  return { topic: name.slice(0, slash), user: name.slice(slash + 1) };
}
