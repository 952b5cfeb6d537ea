export interface OrderLine {
  readonly sku: string;
  readonly quantity: number;
  /** What one piece cost when the order was placed. */
  readonly cents: number;
}

export interface Order {
  readonly id: number;
  readonly customerId: string;
  readonly totalCents: number;
  readonly lines: readonly OrderLine[];
}
