import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GATEWAY_EVENT_BYTES_MAX } from '../limits.ts';
import { PaymentsServer } from '../testing/payments-server.ts';

const PATH = '/v1/gateway_events/con_sandbox';

let server: PaymentsServer;
beforeAll(async () => {
  server = await PaymentsServer.start();
});
beforeEach(() => server.reset());
afterAll(() => server.close());

const send = (body: string, headers: Record<string, string> = {}, path = PATH) =>
  server.call('POST', path, {
    key: null,
    body,
    headers: { 'Content-Type': 'application/json', 'webhook-id': 'n1', ...headers },
  });

/** What `fetch` would not send: the same header twice. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
    let heard = '';
    socket.on('data', (data) => {
      heard += data.toString('latin1');
    });
    socket.on('close', () => resolve(heard));
    socket.on('error', reject);
  });
}

describe('what a gateway sends', () => {
  it('is taken byte by byte, without a key of ours, whatever its type', async () => {
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain'])
      expect(await send('{"a": 1}\n', { 'Content-Type': type })).toMatchObject({
        status: 200,
        body: '[accepted]',
      });
    expect(server.scripted.calls).toEqual(Array(3).fill('notice n1 {"a": 1}\n'));
  });

  it.each([
    ['forged', 401, 'authentication_error', 'event_not_believed'],
    ['garbage', 400, 'invalid_request_error', 'event_unreadable'],
  ])('%s is %d, and the answer repeats nothing of it', async (body, status, type, code) => {
    const reply = await send(body);
    expect(reply).toMatchObject({ status, body: { error: { type, code, call_safe: true } } });
    expect(JSON.stringify(reply.body)).not.toContain(body);
  });

  it('for a connector that is not there is 404', async () => {
    expect(await send('x', {}, '/v1/gateway_events/con_other')).toMatchObject({
      status: 404,
      body: { error: { code: 'no_such_connector' } },
    });
  });

  it('that cannot be stored is 503, so that it comes again', async () => {
    server.scripted.throwWith = new Error('no space left on device');
    const reply = await send('x');
    expect(reply).toMatchObject({
      status: 503,
      body: { error: { code: 'event_not_stored', retryable: true } },
    });
    expect(reply.headers.get('retry-after')).toBe('5');
  });

  it('is not unpacked, and not read beyond its limit', async () => {
    expect(await send('x', { 'Content-Encoding': 'gzip' })).toMatchObject({ status: 415 });
    expect(await send('x'.repeat(GATEWAY_EVENT_BYTES_MAX + 1))).toMatchObject({ status: 413 });
    expect(server.scripted.calls).toEqual([]);
  });

  it('with a header that is there twice has that header not at all', async () => {
    const head = [
      'Host: x',
      'webhook-id: good',
      'webhook-id: evil',
      'Content-Length: 1',
      'Connection: close',
    ];
    expect(await raw(`POST ${PATH} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\nx`)).toMatch(/^HTTP\/1\.1 200 /);
    expect(server.scripted.calls).toEqual(['notice undefined x']);
  });
});

it('a flood of events is told to wait, and the API is not', async () => {
  const flooded = await PaymentsServer.start();
  try {
    const statuses = new Set<number>();
    for (let turn = 0; turn < 52; turn += 1) {
      const ten = Array.from({ length: 10 }, () => flooded.call('POST', PATH, { key: null, body: 'forged' }));
      for (const { status } of await Promise.all(ten)) statuses.add(status);
    }
    expect(statuses).toEqual(new Set([401, 429]));
    expect((await flooded.call('GET', '/v1/sessions')).status).toBe(200);
  } finally {
    await flooded.close();
  }
}, 30_000);
