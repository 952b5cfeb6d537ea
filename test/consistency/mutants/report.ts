/** What became of one mutant. */
export interface MutantReport {
  readonly name: string;
  readonly guard: string;
  readonly killed: boolean;
  readonly by: 'schedules';
  /** The first broken promise, or what else became of it. */
  readonly how: string;
  readonly seconds: number;
}

/** The last line of standard output. */
export interface MutantsReport {
  readonly part: 'mutants';
  readonly mutants: readonly MutantReport[];
}
