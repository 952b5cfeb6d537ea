import { Injectable } from '@nestjs/common';
import { Cacheable } from 'nestjs-consistent-cache';
import { ReportsRepository } from './reports.repository.js';
import type { RegistrationReport } from './reports.types.js';

@Injectable()
export class ReportsService {
  constructor(private readonly reports: ReportsRepository) {}

  /** Eventual: nobody decides anything on a report that is less than five minutes old. */
  @Cacheable({ consistency: 'eventual', scope: 'shared', owner: 'reporting', ttl: '5m' })
  async registrations(): Promise<RegistrationReport> {
    const months = await this.reports.registrationsByMonth();

    return { customers: months.at(-1)?.total ?? 0, months };
  }
}
