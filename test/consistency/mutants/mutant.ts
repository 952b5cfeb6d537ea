/** One text of the sources in the place of another, which stands in the file exactly once. */
export interface Change {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** The library without one of its guards. */
export interface Mutant {
  readonly name: string;
  /** What the guard is for. */
  readonly guard: string;
  readonly changes: readonly Change[];
  /** Who finds it out: the schedules, the search of the protocol's model, or the harness over a real Redis. */
  readonly killedBy: 'schedules' | 'model' | 'harness';
  /** Which play, level and adapters show it, as `--only` takes them. */
  readonly play?: string;
  /** How many orders may have to be drawn until it shows. @default 8000 */
  readonly samples?: number;
}
