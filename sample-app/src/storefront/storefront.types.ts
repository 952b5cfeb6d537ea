import type { ProductPage } from '../catalog/catalog.types.js';

/** What a visitor sees of a product: its wording, what it costs and how many there are. */
export interface Offer extends ProductPage {
  readonly cents: number;
  readonly available: number;
}
