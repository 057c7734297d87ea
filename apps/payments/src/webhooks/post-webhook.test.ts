import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type PostOptions, postWebhook } from './post-webhook.ts';

interface Heard {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A receiver that answers as `answer` does. */
async function receiver(answer: (response: ServerResponse) => void) {
  const heard: Heard[] = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    heard.push({ method: request.method, headers: request.headers, body });
    answer(response);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?x=1` };
}

const status =
  (code: number, headers = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(code, headers).end('ignored');

const post = (url: string, options: Partial<PostOptions> = {}) =>
  postWebhook(url, { 'webhook-id': 'evt_1' }, '{"name":"Zoë"}', { allowPrivate: true, ...options });

describe('a webhook', () => {
  it('is posted as JSON with its headers', async () => {
    const { heard, url } = await receiver(status(204));
    expect(await post(url)).toEqual({ kind: 'taken' });
    expect(heard).toMatchObject([
      {
        method: 'POST',
        body: '{"name":"Zoë"}',
        headers: { 'webhook-id': 'evt_1', 'content-type': 'application/json', 'content-length': '15' },
      },
    ]);
  });

  it.each([
    [200, { kind: 'taken' }],
    [299, { kind: 'taken' }],
    [302, { kind: 'failed', reason: 'HTTP 302' }],
    [400, { kind: 'failed', reason: 'HTTP 400' }],
    [410, { kind: 'gone' }],
    [503, { kind: 'failed', reason: 'HTTP 503' }],
  ])('that is answered %d is %j', async (code, outcome) => {
    const { url, heard } = await receiver(status(code, { location: 'http://127.0.0.1:1/' }));
    expect(await post(url)).toEqual(outcome);
    expect(heard).toHaveLength(1);
  });

  it('that nobody answers fails after a while', async () => {
    const { url } = await receiver(() => {});
    expect(await post(url, { timeoutMs: 50 })).toEqual({ kind: 'failed', reason: 'no answer in time' });
  });

  it('that nobody answers is given up when we stop', async () => {
    const stop = new AbortController();
    const { url } = await receiver(() => stop.abort());
    expect(await post(url, { stop: stop.signal })).toEqual({ kind: 'failed', reason: 'stopped' });
  });

  it('that is cut off fails', async () => {
    const { url } = await receiver((response) => response.destroy());
    expect(await post(url)).toMatchObject({ kind: 'failed' });
  });

  it('to a port where nobody listens fails', async () => {
    const { url } = await receiver(status(200));
    await new Promise((resolve) => server?.close(resolve));
    expect(await post(url)).toEqual({ kind: 'failed', reason: 'ECONNREFUSED' });
  });
});

describe('where private addresses are not allowed', () => {
  /** A name server that tells what it is told to. */
  const names =
    (...addresses: string[]) =>
    (
      _name: string,
      _options: object,
      done: (error: null, found: { address: string; family: number }[]) => void,
    ): void =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  const lookup = (...addresses: string[]) =>
    names(...addresses) as unknown as LookupFunction as NonNullable<PostOptions['lookup']>;

  it.each(['http://127.0.0.1', 'http://[::1]', 'http://0x7f000001', 'http://2130706433', 'http://127.1'])(
    '%s is refused, however it is written',
    async (origin) => {
      const { heard, url } = await receiver(status(200));
      const outcome = await post(url.replace('http://127.0.0.1', origin), { allowPrivate: false });
      expect(outcome).toEqual({ kind: 'failed', reason: 'the address is not public' });
      expect(heard).toEqual([]);
    },
  );

  it.each([
    ['a private address', ['127.0.0.1']],
    ['a private address beside a public one', ['8.8.8.8', '127.0.0.1']],
    ['IPv4 in IPv6', ['::ffff:127.0.0.1']],
  ])('a name that leads to %s is refused when it is connected to', async (_what, addresses) => {
    const { heard, url } = await receiver(status(200));
    const outcome = await post(url.replace('127.0.0.1', 'rebound.example'), {
      allowPrivate: false,
      lookup: lookup(...addresses),
    });
    expect(outcome).toEqual({ kind: 'failed', reason: 'the address is not public' });
    expect(heard).toEqual([]);
  });

  it('the same name is reached where they are', async () => {
    const { heard, url } = await receiver(status(200));
    const outcome = await post(url.replace('127.0.0.1', 'inside.example'), { lookup: lookup('127.0.0.1') });
    expect([outcome.kind, heard.length]).toEqual(['taken', 1]);
  });
});
