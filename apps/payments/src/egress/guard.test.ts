import { createServer, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { HttpOutcome } from '@sordino/payments';
import { type EgressRule, fetchBytesTo } from './http-bytes.ts';

const REFUSED: HttpOutcome = { kind: 'not_sent', code: 'EGRESS_REFUSED' };

let server: Server;
let port = 0;
/** What came to the machine that must not be asked: the card, if anything. */
let heard: string[] = [];
/** Connections, also those in which nothing was said. */
let connections = 0;

beforeEach(async () => {
  [heard, connections] = [[], 0];
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    heard.push(`${request.headers.host} ${request.url} ${Buffer.concat(chunks)}`);
    if (request.url === '/moved') response.writeHead(307, { location: `http://127.0.0.1:${port}/elsewhere` });
    response.end('{}');
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** A name server that says what it is told to, in turn. */
function names(...answers: (readonly string[])[]) {
  const asked: string[] = [];
  const lookup = (
    name: string,
    _options: object,
    done: (error: null, found: { address: string; family: number }[]) => void,
  ): void => {
    const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(name);
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return {
    asked,
    lookup: lookup as unknown as LookupFunction as NonNullable<Parameters<typeof fetchBytesTo>[1]>,
  };
}

const send = (rule: EgressRule, url: string, lookup?: ReturnType<typeof names>['lookup']) =>
  fetchBytesTo(
    rule,
    lookup,
  )({ method: 'POST', url, headers: {}, body: Buffer.from('the card'), timeoutMs: 5_000 });

const here = (): string => `http://127.0.0.1:${port}`;

describe('a request with a card', () => {
  it('goes to the origin of its connector', async () => {
    const rule: EgressRule = { origins: [here()], reach: 'loopback' };
    expect(await send(rule, `${here()}/charge?a=b`)).toMatchObject({ kind: 'answered', status: 200 });
    expect(heard).toEqual([`127.0.0.1:${port} /charge?a=b the card`]);
  });

  it.each([
    ['another host', (url: string) => url.replace('127.0.0.1', 'localhost')],
    ['another port', (url: string) => url.replace(/:\d+/, ':9')],
    ['another scheme', (url: string) => url.replace('http:', 'https:')],
    [
      'a user name that looks like the host',
      (url: string) => url.replace('http://', 'http://api.example.com@'),
    ],
    ['a host that begins the same', (url: string) => url.replace('127.0.0.1', '127.0.0.1.example.com')],
    ['a file', () => 'file:///etc/passwd'],
    ['no URL', () => 'nonsense'],
  ])('does not go to %s, and no socket is opened', async (_what, change) => {
    const rule: EgressRule = { origins: ['http://api.example.com', `${here()}0`], reach: 'any' };
    expect(await send(rule, change(`${here()}/charge`))).toMatchObject({ kind: 'not_sent' });
    expect(connections).toBe(0);
  });

  it.each([
    ['this machine', ['127.0.0.1']],
    ['this machine, in IPv6', ['::1']],
    ['this machine, IPv4 in IPv6', ['::ffff:127.0.0.1']],
    ['the metadata service of a cloud', ['169.254.169.254']],
    ['a network inside', ['10.1.2.3']],
    ['a public address and one inside', ['8.8.8.8', '127.0.0.1']],
    ['nothing', []],
  ])('of a live gateway does not follow its name to %s', async (_what, addresses) => {
    const { lookup, asked } = names(addresses);
    const origin = `http://api.gateway.example:${port}`;
    expect(await send({ origins: [origin], reach: 'public' }, `${origin}/charge`, lookup)).toEqual(REFUSED);
    expect([asked, connections]).toEqual([['api.gateway.example'], 0]);
  });

  it('of a live gateway does not go to an address inside, written as one', async () => {
    expect(await send({ origins: [here()], reach: 'public' }, `${here()}/charge`)).toEqual(REFUSED);
    expect(connections).toBe(0);
  });

  it('of a test connector stays on this machine, whatever its name says', async () => {
    const origin = `http://simulator.example:${port}`;
    const rule: EgressRule = { origins: [origin], reach: 'loopback' };
    for (const address of ['8.8.8.8', '10.0.0.1', '128.0.0.1', '::2'])
      expect(await send(rule, origin, names([address]).lookup)).toEqual(REFUSED);
    expect(connections).toBe(0);
    expect(await send(rule, origin, names(['127.0.0.1']).lookup)).toMatchObject({ kind: 'answered' });
  });

  it('uses the address that was judged: a name that changes its mind is asked once', async () => {
    const { lookup, asked } = names(['127.0.0.1'], ['8.8.8.8']);
    const origin = `http://simulator.example:${port}`;
    const rule: EgressRule = { origins: [origin], reach: 'loopback' };
    expect(await send(rule, origin, lookup)).toMatchObject({ kind: 'answered' });
    expect(asked).toHaveLength(1);
  });

  it('is not carried along by a redirect', async () => {
    const rule: EgressRule = { origins: [here()], reach: 'loopback' };
    expect(await send(rule, `${here()}/moved`)).toMatchObject({ kind: 'answered', status: 307 });
    expect(heard).toHaveLength(1);
  });
});
