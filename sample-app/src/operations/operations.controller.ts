import { Body, Controller, Get, HttpCode, Put } from '@nestjs/common';
import { CacheCatalogue, CacheMetrics } from 'nestjs-consistent-cache';
import { DatabaseConditions } from '../database/database-conditions.js';
import { Carrier } from '../shipping/carrier.js';
import { type CacheOverview, type Conditions, ConditionsBody } from './operations.types.js';

/** For those who run the shop. A real one would keep it behind a door of its own. */
@Controller('operations')
export class OperationsController {
  constructor(
    private readonly catalogue: CacheCatalogue,
    private readonly metrics: CacheMetrics,
    private readonly database: DatabaseConditions,
    private readonly carrier: Carrier,
  ) {}

  /** Every declared cache: what it promises, to whom it belongs, what evicts it. And what is never stored. */
  @Get('caches')
  caches(): CacheOverview {
    return { cached: this.catalogue.list(), neverStored: this.catalogue.neverStored() };
  }

  /** What has happened to each since the start. */
  @Get('figures')
  figures(): ReturnType<CacheMetrics['figures']> {
    return this.metrics.figures();
  }

  @Get('conditions')
  conditions(): Conditions {
    const { down, latencyMs, confirms, roundTrips } = this.database;

    return {
      database: { down, latencyMs, confirms, roundTrips },
      carrier: { mode: this.carrier.mode, requests: this.carrier.requests },
    };
  }

  /** Breaks what the shop depends on, and mends it. Only a sample has such a handler. */
  @Put('conditions')
  @HttpCode(204)
  change(@Body() { databaseDown, databaseLatencyMs, databaseConfirms, carrier }: ConditionsBody): void {
    if (databaseDown !== undefined) this.database.down = databaseDown;
    if (databaseLatencyMs !== undefined) this.database.latencyMs = databaseLatencyMs;
    if (databaseConfirms !== undefined) this.database.confirms = databaseConfirms;
    if (carrier !== undefined) this.carrier.mode = carrier;
  }
}
