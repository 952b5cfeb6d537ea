/**
 * Stands between clients and a Redis. It counts the commands that pass, and can hold every reply back for a while: an
 * operation that then takes three times as long as a reply is held back has waited for three replies, one after the other,
 * whatever connections and pipelines it used. And it can lose what a server tells those who listen for changes.
 */
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export async function startCountingProxy(targetPort) {
  const commands = [];
  const listening = new Set();
  let delayMs = 0;
  let losing = false;
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    const requests = new RequestReader((name, keys, firstArgument) => {
      commands.push({ name, keys });
      if (name === 'SUBSCRIBE' || (name === 'CLIENT' && firstArgument === 'TRACKING')) listening.add(client);
    });
    for (const socket of [client, upstream]) socket.setNoDelay(true).on('error', () => undefined);
    client.on('data', (chunk) => {
      requests.read(chunk);
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (losing && listening.has(client)) return;
      if (delayMs === 0) client.write(chunk);
      else setTimeout(() => client.write(chunk), delayMs);
    });
    client.on('close', () => {
      listening.delete(client);
      upstream.destroy();
    });
    upstream.on('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: server.address().port,
    url: `redis://127.0.0.1:${server.address().port}`,
    /** All commands since the last call, each with its name and its number of arguments. */
    takeCommands: () => commands.splice(0),
    holdReplies(ms) {
      delayMs = ms;
    },
    /** From now on nothing reaches the connections by which clients hear of changes; they stay open, and nobody is told. */
    loseNews() {
      losing = true;
    },
    /** What networks do in the end: those connections break, and new ones work. What was lost stays lost. */
    breakLosers() {
      losing = false;
      for (const client of listening) client.destroy();
    },
  };
}

/** Reads what clients send: arrays of bulk strings, cut anywhere by the network. */
class RequestReader {
  waiting = Buffer.alloc(0);

  constructor(onCommand) {
    this.onCommand = onCommand;
  }

  read(chunk) {
    this.waiting = Buffer.concat([this.waiting, chunk]);
    for (let end = this.readOne(); end !== undefined; end = this.readOne()) this.waiting = this.waiting.subarray(end);
  }

  /** @returns where the first request ends; undefined while it has not arrived whole */
  readOne() {
    const head = this.lineAt(0);
    if (head === undefined) return undefined;
    const length = Number(head.text.slice(1));
    let { end } = head;
    const words = [];
    for (let index = 0; index < length; index++) {
      const size = this.lineAt(end);
      if (size === undefined) return undefined;
      const start = size.end;
      end = start + Number(size.text.slice(1)) + 2;
      if (end > this.waiting.length) return undefined;
      if (index < 2) words.push(this.waiting.toString('latin1', start, end - 2).toUpperCase());
    }
    this.onCommand(words[0], length - 1, words[1]);

    return end;
  }

  lineAt(start) {
    const end = this.waiting.indexOf('\r\n', start);

    return end === -1 ? undefined : { text: this.waiting.toString('latin1', start, end), end: end + 2 };
  }
}
