import { ConsistentCacheError } from '../errors/consistent-cache-error.js';
import { SHORTEST_BARE_NUMBER_MS, toMs } from '../time/duration.js';
import type { Duration } from '../time/duration.js';
import type { PolicyFault, PolicyProblem } from './policy.errors.js';

/** What was made of a declaration, and what is wrong with it; with problems it must not be served from. */
export interface Resolution<T> {
  readonly problems: readonly PolicyProblem[];
  readonly resolved: T;
}

/** Collects what is wrong with one declaration. */
export class ProblemReport {
  private readonly problems: PolicyProblem[] = [];

  constructor(private readonly place: string) {}

  add(fault: PolicyFault, what: string, fix: string): void {
    this.problems.push({ fault, place: this.place, what, fix });
  }

  conclude<T>(resolved: T): Resolution<T> {
    return { problems: this.problems, resolved };
  }

  /** Runs what may throw one of our own errors, and reports it as an invalid option. */
  attempt<T>(resolve: () => T): T | undefined {
    try {
      return resolve();
    } catch (error) {
      if (!(error instanceof ConsistentCacheError)) throw error;
      this.add('invalid-option', error.what, error.fix);
      return undefined;
    }
  }

  duration(option: string, value: Duration | undefined): number | undefined {
    if (value === undefined) return undefined;
    if (typeof value === 'number' && value > 0 && value < SHORTEST_BARE_NUMBER_MS) {
      this.add(
        'seconds-for-milliseconds',
        `${option}: ${value} means ${value} milliseconds, which is nearly always meant as seconds`,
        `Write the unit: '${value}s' or '${value}ms'`,
      );
    }

    return this.attempt(() => toMs(value));
  }

  oneOf(option: string, value: unknown, allowed: readonly unknown[]): void {
    if (value === undefined) {
      this.add(
        'missing-declaration',
        `${option} is not declared`,
        `Declare ${option}: ${quoted(allowed)}, ${option === 'consistency' ? 'on the method or its class' : 'on the method, its class or the module'}`,
      );
    } else if (!allowed.includes(value)) {
      this.add('invalid-option', `${option} is ${describe(value)}`, `Declare one of ${quoted(allowed)}`);
    }
  }

  text(option: string, value: unknown, meaning: string): void {
    if (value === undefined) {
      this.add(
        'missing-declaration',
        `${option} is not declared`,
        `Declare ${option} (${meaning}) on the method, its class or the module`,
      );
    } else if (typeof value !== 'string' || value.trim() === '') {
      this.add('invalid-option', `${option} is ${describe(value)}`, `Declare ${option}: ${meaning}`);
    }
  }

  /** @returns the list, or an empty one in place of what is none */
  texts(option: string, values: unknown): readonly string[] {
    if (values === undefined) return [];
    const names: readonly unknown[] = Array.isArray(values) ? values : [undefined];
    if (names.every((name) => typeof name === 'string' && name !== '')) return names as readonly string[];
    this.add('invalid-option', `${option} is not a list of names`, `Write ${option}: ['name']`);

    return [];
  }

  reason(option: string, because: unknown): void {
    if (typeof because === 'string' && because.trim() !== '') return;
    this.add(
      'missing-declaration',
      `${option} gives no reason`,
      'Say in a sentence why it is acceptable and who agreed',
    );
  }

  functions<T extends object>(policy: T, options: readonly (keyof T & string)[]): void {
    for (const option of options) {
      if (policy[option] === undefined || typeof policy[option] === 'function') continue;
      this.add(
        'invalid-option',
        `${option} is ${describe(policy[option])}`,
        `Write a function of the method's arguments`,
      );
    }
  }

  functionsOf(option: string, families: unknown): void {
    if (families === undefined) return;
    if (typeof families !== 'object' || families === null || Array.isArray(families)) {
      this.add('invalid-option', `${option} is ${describe(families)}`, `Write ${option}: { family: (…) => value }`);
      return;
    }
    for (const [family, valuesOf] of Object.entries(families)) {
      if (typeof valuesOf === 'function') continue;
      this.add(
        'invalid-option',
        `${option}.${family} is ${describe(valuesOf)}`,
        `Write a function, such as ${family}: (id) => id`,
      );
    }
  }

  unknownOptions(policy: object, known: object): void {
    for (const option of Object.keys(policy)) {
      if (Object.hasOwn(known, option)) continue;
      this.add('unknown-option', `there is no option '${option}'`, `Use ${Object.keys(known).join(', ')}`);
    }
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;

  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function quoted(values: readonly unknown[]): string {
  return values.map((value) => `'${String(value)}'`).join(' | ');
}
