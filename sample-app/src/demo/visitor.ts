/** An answer, and when it was asked for and received by the one clock of the demo. */
export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
}

/** Somebody who uses the shop over HTTP, with a browser that keeps cookies. */
export class Visitor {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly url: string,
    private readonly customer?: string,
  ) {}

  as(customer: string): Visitor {
    return new Visitor(this.url, customer);
  }

  get<Body>(path: string): Promise<Answer<Body>> {
    return this.send<Body>('GET', path);
  }

  put<Body>(path: string, body: unknown = {}): Promise<Answer<Body>> {
    return this.send<Body>('PUT', path, body);
  }

  post<Body>(path: string, body: unknown = {}): Promise<Answer<Body>> {
    return this.send<Body>('POST', path, body);
  }

  delete<Body>(path: string): Promise<Answer<Body>> {
    return this.send<Body>('DELETE', path);
  }

  private async send<Body>(method: string, path: string, body?: unknown): Promise<Answer<Body>> {
    const askedAtMs = performance.now();
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.customer === undefined ? {} : { authorization: `Bearer ${this.customer}` }),
        ...(this.cookies.size === 0 ? {} : { cookie: [...this.cookies].map((pair) => pair.join('=')).join('; ') }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.cookies.set(name, value);
    }
    const text = await response.text();

    return {
      status: response.status,
      body: (text === '' ? undefined : JSON.parse(text)) as Body,
      headers: response.headers,
      askedAtMs,
      answeredAtMs: performance.now(),
    };
  }
}

/** @throws when the shop did not do what the visit needs; a demo that fails silently shows nothing */
export function accepted<Body>(answer: Answer<Body>): Answer<Body> {
  if (answer.status >= 300) throw new Error(`The shop answered ${answer.status}: ${JSON.stringify(answer.body)}`);

  return answer;
}
