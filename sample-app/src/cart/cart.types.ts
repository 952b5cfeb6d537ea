export interface CartLine {
  readonly sku: string;
  readonly quantity: number;
}

export interface Cart {
  readonly customerId: string;
  readonly lines: readonly CartLine[];
}
