import { readFileSync } from 'node:fs';
import { request as send } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Duration } from 'nestjs-consistent-cache';
import { TestShop } from './support/shop.js';

const README = new URL('../README.md', import.meta.url);
const TYPING = '100ms';

/** A command of the tour and what the tour says it prints. */
interface Step {
  readonly command: string;
  readonly printed: string;
}

describe('The tour in README.md', () => {
  let shop: TestShop;
  let url: string;
  /** The one cookie of each customer. */
  const cookies = new Map<string, string>();
  beforeAll(async () => {
    shop = await TestShop.open();
    url = await shop.app.getUrl();
  });
  afterAll(() => shop.close());

  it.each(stepsOf(readFileSync(README, 'utf8')))('$command', async ({ command, printed }) => {
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
    shop.clock.advance(TYPING);

    expect(comparable(await type(words))).toBe(comparable(printed));
  });

  async function type([name, ...rest]: readonly string[]): Promise<string> {
    switch (name) {
      case 'sleep':
        shop.clock.advance(`${rest[0] ?? ''}s` as Duration);
        return '';
      case 'as':
        return look(rest.slice(1), rest[0]);
      case 'look':
        return look(rest);
      default:
        throw new Error(`The tour uses a command that this test does not know: ${name ?? ''}`);
    }
  }

  /** Does what the shell function of the same name does. */
  async function look(words: readonly string[], who = ''): Promise<string> {
    const option = (name: string) => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined);
    const address = words.at(-1)?.replace('localhost:3000', url) ?? '';
    const cookie = cookies.get(who);
    const headers = {
      'content-type': 'application/json',
      ...(who === '' ? {} : { authorization: `Bearer ${who}` }),
      ...(cookie === undefined ? {} : { cookie }),
    };

    return new Promise((resolve, reject) => {
      const outgoing = send(address, { method: option('-X') ?? 'GET', headers }, (answer) => {
        const shown = Object.entries(answer.headers).filter(([header]) => /^(cache-|age|retry-)/.test(header));
        const [given] = answer.headers['set-cookie']?.[0]?.split(';') ?? [];
        if (given !== undefined && who !== '') cookies.set(who, given);
        text(answer).then((body) => {
          resolve(
            [
              `HTTP/${answer.httpVersion} ${answer.statusCode ?? ''} ${answer.statusMessage ?? ''}`,
              ...shown.map(([header, value]) => `${header}: ${String(value)}`),
              body,
            ].join('\n'),
          );
        }, reject);
      });
      outgoing.on('error', reject).end(option('-d'));
    });
  }
});

/** Every `$ command` of the console blocks, with the lines below it. */
function stepsOf(markdown: string): readonly Step[] {
  const blocks = [...markdown.matchAll(/^```console\n(.*?)^```/gms)].map(([, block = '']) => block);

  return blocks
    .flatMap((block) => block.split(/^\$ /m).slice(1))
    .map((step) => {
      const [command = '', ...printed] = step.split('\n');

      return { command, printed: printed.join('\n') };
    });
}

/** Names of headers have no case, the carrier quotes at another time each day, and reads side by side end in any order. */
function comparable(output: string): string {
  return output
    .trim()
    .replace(/^[\w-]+(?=: )/gm, (header) => header.toLowerCase())
    .replace(/^cache-status: .*$/gm, (line) =>
      line
        .replace(/^cache-status: /, '')
        .split(', ')
        .toSorted()
        .join('\n'),
    )
    .replace(/"quotedAt":"[^"]*"/, '"quotedAt":"…"');
}
