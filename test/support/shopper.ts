import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { ShopInstance } from './shop-instances.js';

/** An answer of a shop, between two readings of the one clock of the test. */
export interface ShopAnswer<Body> {
  readonly status: number;
  readonly body: Body;
  /** Which caches were asked, and whether they answered. */
  readonly cacheStatus: string;
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Somebody with a browser, which keeps cookies, whichever instance of the shop answers. */
export class Shopper {
  private readonly cookies = new Map<string, string>();

  /** @param customer nobody in particular, if undefined */
  constructor(private readonly customer?: string) {}

  get<Body>(at: ShopInstance, path: string): Promise<ShopAnswer<Body>> {
    return this.send(at, 'GET', path);
  }

  put<Body>(at: ShopInstance, path: string, body: unknown = {}): Promise<ShopAnswer<Body>> {
    return this.send(at, 'PUT', path, body);
  }

  post<Body>(at: ShopInstance, path: string, body: unknown = {}): Promise<ShopAnswer<Body>> {
    return this.send(at, 'POST', path, body);
  }

  delete<Body>(at: ShopInstance, path: string): Promise<ShopAnswer<Body>> {
    return this.send(at, 'DELETE', path);
  }

  /** Rejects when the connection breaks; an error of the shop is an answer. */
  private async send<Body>(at: ShopInstance, method: string, path: string, body?: unknown): Promise<ShopAnswer<Body>> {
    const askedAtMs = performance.now();
    const headers = {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(this.customer === undefined ? {} : { authorization: `Bearer ${this.customer}` }),
      ...(this.cookies.size === 0 ? {} : { cookie: [...this.cookies].map((pair) => pair.join('=')).join('; ') }),
    };

    return new Promise((resolve, reject) => {
      const outgoing = request(`${at.url}${path}`, { method, headers, agent }, (incoming) => {
        for (const cookie of incoming.headers['set-cookie'] ?? []) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
          this.cookies.set(name, value);
        }
        text(incoming).then((answer) => {
          resolve({
            status: incoming.statusCode ?? 0,
            body: (answer === '' ? undefined : JSON.parse(answer)) as Body,
            cacheStatus: String(incoming.headers['cache-status'] ?? ''),
            askedAtMs,
            answeredAtMs: performance.now(),
          });
        }, fail);
      });
      const fail = (cause: unknown): void => {
        const road = outgoing.reusedSocket ? 'on a connection used before' : 'on a new connection';
        reject(new Error(`${method} ${path} ${road}: ${String(cause)}; the shop: ${at.state}`, { cause }));
      };
      outgoing.on('error', fail).end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
