import { IsInt, Max, Min } from 'class-validator';

export interface Stock {
  readonly sku: string;
  readonly available: number;
}

export class QuantityBody {
  @IsInt()
  @Min(1)
  @Max(10_000)
  readonly quantity!: number;
}
