export interface MonthOfRegistrations {
  /** Such as `2026-11`. */
  readonly month: string;
  readonly registered: number;
  readonly total: number;
}

export interface RegistrationReport {
  readonly customers: number;
  readonly months: readonly MonthOfRegistrations[];
}
