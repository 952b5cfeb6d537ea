import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Quote } from './shipping.types.js';

export const CARRIER_MODES = ['up', 'flaky', 'slow', 'hung', 'down'] as const;

/** `flaky`: every second answer is an error. `slow`: answers take their time. `hung`: there are none. `down`: all are errors. */
export type CarrierMode = (typeof CARRIER_MODES)[number];

const SLOW_ANSWER_MS = 700;

/**
 * Somebody else's service: a real HTTP server on a port of its own, with its bad days on request.
 *
 * It stands for the third party that every shop depends on and no shop controls.
 */
@Injectable()
export class Carrier implements OnModuleInit, OnApplicationShutdown {
  mode: CarrierMode = 'up';
  requests = 0;
  /** How many requests it had at once, at most. */
  mostAtOnce = 0;
  /** Those that it has neither answered nor seen given up. */
  open = 0;

  private readonly server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://carrier');
    this.answer(response, searchParams.get('country') ?? '', Number(searchParams.get('grams')));
  });

  /** @returns where it listens, such as `http://127.0.0.1:40123` */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async onModuleInit(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  onApplicationShutdown(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private answer(response: ServerResponse, country: string, grams: number): void {
    this.requests += 1;
    this.open += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.open);
    response.once('close', () => (this.open -= 1));
    if (this.mode === 'hung') return;
    const fails = this.mode === 'down' || (this.mode === 'flaky' && this.requests % 2 === 0);
    if (fails) {
      response.writeHead(503).end();
      return;
    }

    const quote: Quote = {
      country,
      grams,
      quotedAt: new Date().toISOString(),
      rates: [
        { service: 'standard', cents: 390 + Math.ceil(grams / 10), days: 4 },
        { service: 'express', cents: 1_190 + Math.ceil(grams / 4), days: 1 },
      ],
    };
    const send = () => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(quote));
    if (this.mode === 'slow') setTimeout(send, SLOW_ANSWER_MS).unref();
    else send();
  }
}
