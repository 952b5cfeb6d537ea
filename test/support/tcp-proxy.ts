import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between a client and its server, and does to the connections what networks do. */
export interface TcpProxy {
  readonly port: number;
  /** Breaks every connection; new ones are refused until `resume`. */
  cut(): void;
  /** Nothing is forwarded any more and nobody is told, as when a machine vanishes; until `resume`, which forwards what waited. */
  halfOpen(): void;
  /** Every reply arrives so much later. */
  delay(ms: number): void;
  /** Exchanges the next two replies of one connection that match. */
  swapReplies(matches: (reply: string) => boolean): void;
  /** What is sent arrives and replies do not; until `resume`, which ends the connections that have lost some. */
  loseReplies(): void;
  /** As if nothing had happened; what `halfOpen` held back goes on. */
  resume(): void;
  stop(): Promise<void>;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const proxy = new Proxy(targetPort);
  await proxy.listen();

  return proxy;
}

class Proxy implements TcpProxy {
  port = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private held: (() => void)[] = [];
  private state: 'forwarding' | 'half-open' | 'cut' = 'forwarding';
  private delayMs = 0;
  private swap: ((reply: string) => boolean) | undefined;
  private isLosingReplies = false;
  private readonly torn = new Set<Socket>();

  constructor(private readonly targetPort: number) {
    this.server = createServer((client) => {
      this.accept(client);
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  cut(): void {
    this.state = 'cut';
    for (const socket of this.sockets) socket.destroy();
  }

  halfOpen(): void {
    this.state = 'half-open';
  }

  delay(ms: number): void {
    this.delayMs = ms;
  }

  swapReplies(matches: (reply: string) => boolean): void {
    this.swap = matches;
  }

  loseReplies(): void {
    this.isLosingReplies = true;
  }

  resume(): void {
    this.state = 'forwarding';
    this.delayMs = 0;
    this.swap = undefined;
    this.isLosingReplies = false;
    // A stream that lacks a part cannot go on.
    for (const socket of this.torn) socket.destroy();
    this.torn.clear();
    const { held } = this;
    this.held = [];
    for (const forward of held) forward();
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(client: Socket): void {
    if (this.state === 'cut') {
      client.destroy();
      return;
    }
    const server = connect(this.targetPort, '127.0.0.1');
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
    }
    this.pipe(client, server, (chunk) => {
      server.write(chunk);
    });
    // Replies of two connections must not be mixed, so each has an exchange of its own.
    let swap: ReplySwap | undefined;
    const late = new LateReplies((replies) => client.write(replies));
    this.pipe(server, client, (chunk) => {
      if (this.isLosingReplies) {
        this.torn.add(server);
        return;
      }
      if (this.swap !== undefined) swap ??= new ReplySwap(this.swap);
      const replies = swap === undefined ? chunk : this.swap === undefined ? swap.giveUp(chunk) : swap.pass(chunk);
      if (swap?.isDone === true) this.swap = swap = undefined;
      late.pass(replies, this.delayMs);
    });
  }

  private pipe(from: Socket, to: Socket, forward: (chunk: Buffer) => void): void {
    from.on('data', (chunk) => {
      this.whenForwarding(() => {
        forward(chunk);
      });
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      this.sockets.delete(from);
      this.whenForwarding(() => to.destroy());
    });
  }

  private whenForwarding(act: () => void): void {
    if (this.state === 'half-open') this.held.push(act);
    else act();
  }
}

/** Replies of one connection, each so much later, and never one before another however the delay changes. */
class LateReplies {
  private waiting: { readonly replies: Buffer; readonly dueMs: number }[] = [];

  constructor(private readonly write: (replies: Buffer) => void) {}

  pass(replies: Buffer, delayMs: number): void {
    if (delayMs === 0 && this.waiting.length === 0) {
      this.write(replies);
      return;
    }
    this.waiting.push({ replies, dueMs: performance.now() + delayMs });
    if (this.waiting.length === 1) this.wait();
  }

  private wait(): void {
    const [next] = this.waiting;
    if (next === undefined) return;
    setTimeout(() => {
      this.write(next.replies);
      this.waiting.shift();
      this.wait();
    }, next.dueMs - performance.now()).unref();
  }
}

/** Holds replies back from the first that matches to the second, and gives them on with these two exchanged. */
class ReplySwap {
  isDone = false;
  private waiting: Buffer = Buffer.alloc(0);

  constructor(private readonly matches: (reply: string) => boolean) {}

  pass(chunk: Buffer): Buffer {
    this.waiting = Buffer.concat([this.waiting, chunk]);
    const { replies, rest } = split(this.waiting);
    const [first, second] = replies.flatMap((reply, index) => (this.matches(reply.toString()) ? [index] : []));
    if (first === undefined) {
      this.waiting = rest;
      return Buffer.concat(replies);
    }
    if (second === undefined) {
      this.waiting = Buffer.concat([...replies.slice(first), rest]);
      return Buffer.concat(replies.slice(0, first));
    }

    const exchanged = replies.map(
      (reply, index) => replies[index === first ? second : index === second ? first : index] ?? reply,
    );
    this.isDone = true;
    return Buffer.concat([...exchanged, rest]);
  }

  /** There was no second one in time. */
  giveUp(chunk: Buffer): Buffer {
    this.isDone = true;

    return Buffer.concat([this.waiting, chunk]);
  }
}

/** Complete replies of the Redis protocol, and what is left of one that is still under way. */
function split(data: Buffer): { readonly replies: readonly Buffer[]; readonly rest: Buffer } {
  const replies: Buffer[] = [];
  let start = 0;
  for (let end = endOfReply(data, start); end !== undefined; end = endOfReply(data, start)) {
    replies.push(data.subarray(start, end));
    start = end;
  }

  return { replies, rest: data.subarray(start) };
}

function endOfReply(data: Buffer, start: number): number | undefined {
  const lineEnd = data.indexOf('\r\n', start);
  if (lineEnd === -1) return undefined;
  const type = String.fromCharCode(data[start] ?? 0);
  const length = Number(data.toString('latin1', start + 1, lineEnd));
  const afterLine = lineEnd + 2;
  if (type === '$') {
    const end = length < 0 ? afterLine : afterLine + length + 2;
    return end <= data.length ? end : undefined;
  }
  if (type !== '*') return afterLine;

  let end: number | undefined = afterLine;
  for (let element = 0; element < length && end !== undefined; element += 1) end = endOfReply(data, end);
  return end;
}
