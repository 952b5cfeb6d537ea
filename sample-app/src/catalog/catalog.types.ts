import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';

/** A stock keeping unit: what a product is called wherever it is counted, priced or sold. */
export const SKU = /^[a-z]{2,16}-\d{4}$/;

export interface Category {
  readonly slug: string;
  readonly name: string;
  readonly products: number;
}

/** One wording of a product. It never changes; an edit writes the next one. */
export interface ProductRevision {
  readonly sku: string;
  readonly revision: number;
  readonly title: string;
  readonly description: string;
}

export interface ProductPage extends ProductRevision {
  readonly category: string;
}

export interface ProductListing {
  readonly category: string;
  readonly page: number;
  readonly products: readonly { readonly sku: string; readonly title: string }[];
}

export class SkuParams {
  @Matches(SKU, { message: 'sku must look like mug-0001' })
  readonly sku!: string;
}

export class RevisionParams extends SkuParams {
  @Type(() => Number)
  @IsInt()
  @Min(1)
  readonly revision!: number;
}

export class ListingQuery {
  @Matches(/^[a-z]{2,16}$/, { message: 'category must be a slug such as mug' })
  readonly category!: string;

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly page: number = 1;
}

export class RewordBody {
  @IsString()
  @Length(1, 120)
  readonly title!: string;

  @IsString()
  @Length(1, 2_000)
  readonly description!: string;
}
