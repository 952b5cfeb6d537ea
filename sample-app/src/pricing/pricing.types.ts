import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, Matches, Max, Min, ValidateNested } from 'class-validator';
import { SKU } from '../catalog/catalog.types.js';

export interface Price {
  readonly sku: string;
  readonly cents: number;
}

export class PriceBody {
  @IsInt()
  @Min(1)
  @Max(10_000_000)
  readonly cents!: number;
}

export class ImportedPrice extends PriceBody {
  @Matches(SKU, { message: 'sku must look like mug-0001' })
  readonly sku!: string;
}

export class ImportBody {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @ValidateNested({ each: true })
  @Type(() => ImportedPrice)
  readonly prices!: readonly ImportedPrice[];
}
