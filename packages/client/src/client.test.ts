import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ClientOptions, createClient, type SordinoClient } from './client.ts';
import { SordinoApiError, SordinoConnectionError } from './errors.ts';

type Reply = (response: ServerResponse, request: IncomingMessage) => void;

/** A server that answers as told, one reply for each request, and remembers what came. */
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const { method = '', url = '', headers } = request;
    seen.push({ method, url, headers, body });
    (replies.shift() ?? json(200, {}))(response, request);
  });
});
const seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
const replies: Reply[] = [];
let baseUrl = '';

beforeEach(async () => {
  seen.length = 0;
  replies.length = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  (response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
const cut: Reply = (_response, request) => request.socket.destroy();
const proxyError: Reply = (response) => {
  response.writeHead(502, { 'Content-Type': 'text/html' }).end('<h1>Bad gateway</h1>');
};
const refusal = (change: object = {}) => ({
  error: {
    ...{ type: 'call_error', code: 'session_exists', message: 'the call has one', param: 'call.call_id' },
    ...{ session: 'ses_1', retryable: false, call_safe: false, topology: 'lost', leg: 'leg7_out' },
    ...{ sip: null, doc_url: '/docs/api/errors#session_exists', request_id: 'req_1', ...change },
  },
});
const TOO_FAST = refusal({ type: 'rate_limit_error', code: 'too_many_requests', retryable: true });

const client = (options: Partial<ClientOptions> = {}): SordinoClient =>
  createClient({ baseUrl, credential: 'sk_test_x', ...options });
const CREATE = {
  body: {
    call: { platform: 'plt_main', call_id: 'e-91' },
    intent: { type: 'charge', amount: 1, currency: 'gbp' },
  },
} as const;
const keysSeen = () => seen.map(({ headers }) => headers['idempotency-key']);

describe('a call', () => {
  it('fills path and query, and sends the credential in a header only', async () => {
    await client().clearField({ path: { id: 'ses_1/../x', name: 'cvc' }, body: { last: 2 } });
    await client().listSessions({ query: { call_id: 'a&b=c', limit: 5 } });
    await client({ credential: async () => 'agt_y' }).readSession({ path: { id: 'ses_1' } });
    expect(seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['POST', '/v1/sessions/ses_1%2F..%2Fx/fields/cvc/clear', '{"last":2}'],
      ['GET', '/v1/sessions?call_id=a%26b%3Dc&limit=5', ''],
      ['GET', '/v1/sessions/ses_1', ''],
    ]);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer sk_test_x',
      'Bearer sk_test_x',
      'Bearer agt_y',
    ]);
  });

  it('that creates or confirms has a new idempotency key each time, or yours', async () => {
    await client().createSession(CREATE);
    await client().createSession(CREATE);
    await client().confirmSession({ path: { id: 'ses_1' }, idempotencyKey: 'INV-7' });
    await client().cancelSession({ path: { id: 'ses_1' } });
    const [first, second, ...rest] = keysSeen();
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).not.toBe(first);
    expect(rest).toEqual(['INV-7', undefined]);
  });

  it('that is refused throws what the API says', async () => {
    replies.push(json(409, refusal()));
    const error = await client()
      .createSession(CREATE)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SordinoApiError);
    expect(error).toMatchObject({
      ...{ status: 409, code: 'session_exists', message: 'the call has one', callSafe: false },
      ...{ param: 'call.call_id', topology: 'lost', leg: 'leg7_out', requestId: 'req_1', retryable: false },
    });
    expect(seen).toHaveLength(1);
  });
});

describe('a request is sent again', () => {
  it.each([
    ['that reads', (sordino: SordinoClient) => sordino.readSession({ path: { id: 'ses_1' } })],
    ['that has a key', (sordino: SordinoClient) => sordino.confirmSession({ path: { id: 'ses_1' } })],
  ])('%s, after a lost answer, with the same key', async (_title, call) => {
    replies.push(cut, proxyError, json(200, { id: 'ses_1' }));
    expect(await call(client())).toEqual({ id: 'ses_1' });
    expect(seen).toHaveLength(3);
    expect(new Set(keysSeen()).size).toBe(1);
  });

  it.each([
    ['cut off', cut, null],
    ['answered by a proxy', proxyError, 502],
  ])('never when it could be done twice: %s', async (_title, reply, status) => {
    replies.push(reply);
    const error = await client()
      .playPrompt({ path: { id: 'ses_1' }, body: { to: 'agent', prompt: 'wait' } })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SordinoConnectionError);
    expect(error).toMatchObject({ code: 'connection_failed', retryable: false, callSafe: true, status });
    expect(seen).toHaveLength(1);
  });

  it('when it was refused with "come back later", whatever it does', async () => {
    replies.push(json(429, TOO_FAST, { 'Retry-After': '0' }), json(200, { id: 'ses_1' }));
    expect(await client().restoreCall({ path: { id: 'ses_1' } })).toEqual({ id: 'ses_1' });
  });

  it('not when that is longer than anybody waits, nor when it may succeed for other reasons', async () => {
    replies.push(json(429, TOO_FAST, { 'Retry-After': '60' }), json(409, refusal({ retryable: true })));
    for (const status of [429, 409])
      await expect(client().readSession({ path: { id: 'ses_1' } })).rejects.toMatchObject({
        status,
        retryable: true,
      });
    expect(seen).toHaveLength(2);
  });

  it('so often and no more', async () => {
    replies.push(cut, cut, cut, cut);
    const lost = client({ retries: 1 }).readSession({ path: { id: 'ses_1' } });
    await expect(lost).rejects.toMatchObject({ code: 'connection_failed', retryable: true, status: null });
    expect(seen).toHaveLength(2);
  });

  it('not once the caller has given up', async () => {
    const giveUp = new AbortController();
    replies.push(() => giveUp.abort());
    await expect(
      client().readSession({ path: { id: 'ses_1' }, signal: giveUp.signal }),
    ).rejects.toBeInstanceOf(SordinoConnectionError);
    expect(seen).toHaveLength(1);
  });

  it('gives up an answer that does not come', async () => {
    replies.push(() => {});
    const late = client({ timeoutMs: 50, retries: 0 }).readSession({ path: { id: 'ses_1' } });
    await expect(late).rejects.toMatchObject({ code: 'connection_failed' });
  });
});

describe('the stream of events', () => {
  const events =
    (...seqs: number[]): Reply =>
    (response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('retry: 2000\n\n: still here\n\n');
      // Cut anywhere: also within an event.
      const text = seqs.map((seq) => `id: ${seq}\nevent: x\ndata: ${JSON.stringify({ seq })}\n\n`).join('');
      response.write(text.slice(0, 17));
      response.end(text.slice(17));
    };
  const take = async (count: number, sordino = client(), after = 0) => {
    const taken: number[] = [];
    for await (const { seq } of sordino.followEvents('ses_1', { after })) {
      taken.push(seq);
      if (taken.length === count) break;
    }
    return taken;
  };

  it('goes on where it was cut, and gives each event once', async () => {
    replies.push(events(1, 2), cut, proxyError, json(429, TOO_FAST), events(2, 3, 4));
    expect(await take(4)).toEqual([1, 2, 3, 4]);
    expect(seen.map(({ url }) => url.split('after=')[1])).toEqual(['0', '2', '2', '2', '2']);
  });

  it('begins after the seq that you have', async () => {
    replies.push(events(8));
    expect(await take(1, client(), 7)).toEqual([8]);
    expect(seen[0]?.url).toBe('/v1/sessions/ses_1/events/stream?after=7');
  });

  it('throws when it is refused: asking again would be refused again', async () => {
    replies.push(json(404, refusal({ code: 'no_such_session' })));
    await expect(take(1)).rejects.toMatchObject({ code: 'no_such_session', status: 404 });
  });

  it('ends with the signal, also while it waits to come back', async () => {
    const stop = new AbortController();
    replies.push(cut, () => stop.abort());
    const taken = [];
    for await (const event of client().followEvents('ses_1', { signal: stop.signal })) taken.push(event);
    expect(taken).toEqual([]);
  });
});
