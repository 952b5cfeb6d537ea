import { IsBoolean, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import type { CataloguedCache, NeverStored } from 'nestjs-consistent-cache';
import { CARRIER_MODES, type CarrierMode } from '../shipping/carrier.js';

export interface CacheOverview {
  readonly cached: readonly CataloguedCache[];
  readonly neverStored: readonly NeverStored[];
}

/** The weather around the shop, and how often it went out into it. */
export interface Conditions {
  readonly database: {
    readonly down: boolean;
    readonly latencyMs: number;
    readonly confirms: boolean;
    readonly roundTrips: number;
  };
  readonly carrier: { readonly mode: CarrierMode; readonly requests: number };
}

export class ConditionsBody {
  @IsOptional()
  @IsBoolean()
  readonly databaseDown?: boolean;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10_000)
  readonly databaseLatencyMs?: number;

  /** `false`: writes are committed, and whoever asked for one waits to hear so until it is `true` again. */
  @IsOptional()
  @IsBoolean()
  readonly databaseConfirms?: boolean;

  @IsOptional()
  @IsIn(CARRIER_MODES)
  readonly carrier?: CarrierMode;
}
