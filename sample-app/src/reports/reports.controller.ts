import { Controller, Get } from '@nestjs/common';
import { ReportsService } from './reports.service.js';
import type { RegistrationReport } from './reports.types.js';

@Controller('reports')
export class ReportsController {
  constructor(private readonly reports: ReportsService) {}

  @Get('registrations')
  registrations(): Promise<RegistrationReport> {
    return this.reports.registrations();
  }
}
