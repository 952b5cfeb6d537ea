import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import { Carrier } from './carrier.js';
import type { Quote } from './shipping.types.js';

/** Asks the carrier. How long that may take says whoever asks. */
@Injectable()
export class CarrierClient {
  constructor(private readonly carrier: Carrier) {}

  async quote(country: string, grams: number, signal: AbortSignal): Promise<Quote> {
    try {
      const response = await fetch(`${this.carrier.url}/rates?country=${country}&grams=${grams}`, { signal });
      if (!response.ok) throw new Error(`The carrier answered ${response.status}`);

      return (await response.json()) as Quote;
    } catch (cause) {
      throw new ServiceUnavailableException('The carrier does not answer', { cause });
    }
  }
}
