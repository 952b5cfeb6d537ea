export type Share = 'ci' | 'long';

/** What the schedules of one play at one level over one kind of adapters came to. */
export interface CaseReport {
  readonly name: string;
  readonly level: string;
  readonly adapters: string;
  readonly schedules: number;
  /** Every order was run, not a sample. */
  readonly exhaustive: boolean;
  /** Each says what went wrong, in which order of gates, and what to give to `--replay`. */
  readonly violations: readonly string[];
}

/** The last line of standard output. */
export interface SchedulesReport {
  readonly part: 'schedules';
  readonly share: Share;
  readonly seed: number;
  readonly schedules: number;
  readonly seconds: number;
  readonly plays: readonly CaseReport[];
}
