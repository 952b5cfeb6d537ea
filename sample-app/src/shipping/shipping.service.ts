import { Injectable } from '@nestjs/common';
import { Cacheable, LoadContext, StaleTolerance } from 'nestjs-consistent-cache';
import { CarrierClient } from './carrier.client.js';
import type { Quote } from './shipping.types.js';

@Injectable()
export class ShippingService {
  constructor(
    private readonly carrier: CarrierClient,
    private readonly loads: LoadContext,
  ) {}

  // #region quote
  /**
   * Eventual, with a second bound for the carrier's bad days: an old rate, marked as stale, is better than no sale.
   *
   * The times are short so that one can watch them pass; a real shop would say '10m' and '4h'.
   */
  @Cacheable({
    consistency: 'eventual',
    scope: 'shared',
    owner: 'the carrier',
    ttl: '2s',
    load: { origin: 'carrier', deadline: '1s', slowAfter: '500ms' },
  })
  @StaleTolerance({ onError: '8s', because: 'a rate of a moment ago still covers our cost; agreed with Logistics' })
  quote(country: string, grams: number): Promise<Quote> {
    // Once the deadline has passed nobody waits: the signal lets the request end too, and not only the waiting.
    return this.carrier.quote(country, grams, this.loads.signal());
  }
  // #endregion
}
