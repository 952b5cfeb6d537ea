import { Injectable } from '@nestjs/common';
import { Cacheable } from 'nestjs-consistent-cache';
import { ReportsRepository } from './reports.repository.js';
import type { RegistrationReport } from './reports.types.js';

@Injectable()
export class ReportsService {
  constructor(private readonly reports: ReportsRepository) {}

  // #region registrations
  /**
   * Eventual: nobody decides anything on a report that is less than five minutes old.
   *
   * Expensive, so nobody should wait for it: it is loaded at the start, and anew before it expires. The instances of the
   * shop do not all do so at the same moment.
   */
  @Cacheable({
    consistency: 'eventual',
    scope: 'shared',
    owner: 'reporting',
    ttl: '5m',
    refresh: { early: true, jitter: 0.1 },
    warmUp: { calls: () => [[]] },
  })
  async registrations(): Promise<RegistrationReport> {
    const months = await this.reports.registrationsByMonth();

    return { customers: months.at(-1)?.total ?? 0, months };
  }
  // #endregion
}
