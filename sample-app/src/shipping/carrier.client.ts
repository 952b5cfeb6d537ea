import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import { Carrier } from './carrier.js';
import type { Quote } from './shipping.types.js';

const TIME_LIMIT_MS = 1_000;

/** Asks the carrier, and does not wait for ever. */
@Injectable()
export class CarrierClient {
  constructor(private readonly carrier: Carrier) {}

  async quote(country: string, grams: number): Promise<Quote> {
    try {
      const url = `${this.carrier.url}/rates?country=${country}&grams=${grams}`;
      const response = await fetch(url, { signal: AbortSignal.timeout(TIME_LIMIT_MS) });
      if (!response.ok) throw new Error(`The carrier answered ${response.status}`);

      return (await response.json()) as Quote;
    } catch (cause) {
      throw new ServiceUnavailableException('The carrier does not answer', { cause });
    }
  }
}
