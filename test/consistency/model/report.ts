import type { Configuration, Level, Share } from './configuration.js';

/** What came of one configuration. */
export interface ConfigurationReport {
  readonly name: string;
  readonly level: Level;
  readonly guardsRemoved: readonly string[];
  readonly expected: 'holds' | 'fails';
  readonly outcome: 'holds' | 'fails';
  readonly states: number;
  /** Where it fails: what leads to the violation, one step a line, and last the violation. */
  readonly trace?: readonly string[];
}

/** What a run of the model has found. */
export interface ModelReport {
  readonly part: 'model';
  readonly share: Share;
  readonly states: number;
  readonly seconds: number;
  readonly configurations: readonly ConfigurationReport[];
}

export function isAsExpected({ expected, outcome }: ConfigurationReport): boolean {
  return expected === outcome;
}

export function reportOf(share: Share, seconds: number, configurations: readonly ConfigurationReport[]): ModelReport {
  const states = configurations.reduce((sum, each) => sum + each.states, 0);

  return { part: 'model', share, states, seconds, configurations };
}

/** A trace as it is read: its lines numbered, the violation beneath. */
export function written(trace: readonly string[]): string {
  return trace.map((line, index) => `${index + 1 < trace.length ? `${index + 1}.` : '=>'} ${line}`).join('\n');
}

export function configurationsOf(all: readonly Configuration[], share: Share): readonly Configuration[] {
  return all.filter((each) => each.share === share);
}
