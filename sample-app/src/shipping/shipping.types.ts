import { Type } from 'class-transformer';
import { IsInt, Matches, Max, Min } from 'class-validator';

export interface Rate {
  readonly service: string;
  readonly cents: number;
  readonly days: number;
}

/** What the carrier asks for a parcel, and when it said so. */
export interface Quote {
  readonly country: string;
  readonly grams: number;
  readonly quotedAt: string;
  readonly rates: readonly Rate[];
}

export class ParcelQuery {
  @Matches(/^[A-Z]{2}$/, { message: 'country must be two capital letters such as DE' })
  readonly country!: string;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(30_000)
  readonly grams!: number;
}
