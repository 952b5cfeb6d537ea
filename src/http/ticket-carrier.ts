import { responseHeadersOf, restrictCaching } from './response-headers.js';
import type { ResponseHeaders } from './response-headers.js';

/** How a session's ticket travels with requests and responses, of Express and Fastify alike. */
export abstract class TicketCarrier {
  /** The ticket that a request brings; undefined when it brings none. */
  abstract read(request: unknown): string | undefined;

  /** Puts a ticket on a response that has not been sent yet, in place of an earlier one of this name. */
  write(response: unknown, ticket: string): void {
    const headers = responseHeadersOf(response);
    if (headers === undefined) return;
    this.put(headers, ticket);
    // A shared cache would hand this caller's ticket to others.
    restrictCaching(headers, 'private');
  }

  protected abstract put(headers: ResponseHeaders, ticket: string): void;
}

export const DEFAULT_TICKET_COOKIE = 'ncc-session';
export const DEFAULT_TICKET_HEADER = 'X-Cache-Session';

/** A cookie that ends with the browser's session, out of reach for scripts and for requests that other sites make. */
export class CookieTicketCarrier extends TicketCarrier {
  private readonly attributes: string;

  /** @param secure whether browsers send it over HTTPS only; a name that begins with `__Host-` needs it */
  constructor(
    private readonly name: string,
    secure: boolean,
  ) {
    super();
    this.attributes = `; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  }

  override read(request: unknown): string | undefined {
    // RFC 6265 §5.4: pairs are separated by '; '. Of two cookies with one name, the first is for the longer path.
    for (const pair of headerOf(request, 'cookie')?.split(';') ?? []) {
      const end = pair.indexOf('=');
      if (end > 0 && pair.slice(0, end).trim() === this.name) return textOf(pair.slice(end + 1).trim());
    }

    return undefined;
  }

  protected override put(headers: ResponseHeaders, ticket: string): void {
    const present = [headers.get('Set-Cookie') ?? []].flat().map(String);
    const others = present.filter((cookie) => !cookie.startsWith(`${this.name}=`));
    headers.set('Set-Cookie', [...others, `${this.name}=${ticket}${this.attributes}`]);
  }
}

/** A header in both directions, for clients that keep no cookies. */
export class HeaderTicketCarrier extends TicketCarrier {
  constructor(private readonly name: string) {
    super();
  }

  override read(request: unknown): string | undefined {
    return textOf(headerOf(request, this.name.toLowerCase()));
  }

  protected override put(headers: ResponseHeaders, ticket: string): void {
    headers.set(this.name, ticket);
  }
}

function headerOf(request: unknown, name: string): string | undefined {
  const { headers } = request as { readonly headers?: Readonly<Record<string, unknown>> };
  const value = headers?.[name];

  return typeof value === 'string' ? value : undefined;
}

/** A value may stand in quotes (RFC 6265 §4.1.1); an empty one is how some clients say that they have none. */
function textOf(value: string | undefined): string | undefined {
  const text = value?.replace(/^"(.*)"$/, '$1');

  return text === '' ? undefined : text;
}
