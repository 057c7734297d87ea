import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HEADER_BYTES_MAX } from '../limits.ts';
import { A_CREATE, KEY_A, PaymentsServer } from '../testing/payments-server.ts';
import { startHttp } from './server.ts';

let server: PaymentsServer;
beforeAll(async () => {
  server = await PaymentsServer.start({ timeouts: { headersMs: 300, requestMs: 600, checkMs: 50 } });
});
afterAll(() => server.close());

/** Writes `parts` as they are and reads until the server closes the connection. */
function raw(...parts: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1');
    let received = '';
    socket.on('data', (data) => {
      received += data.toString('latin1');
    });
    socket.on('close', () => resolve(received));
    socket.on('error', (error: NodeJS.ErrnoException) => (received ? resolve(received) : reject(error)));
    for (const part of parts) socket.write(part);
  });
}

const BODY = JSON.stringify(A_CREATE);
const head = (...lines: string[]) =>
  [
    'POST /v1/sessions HTTP/1.1',
    'Host: x',
    `Authorization: Bearer ${KEY_A}`,
    'Content-Type: application/json',
    'Connection: close',
    ...lines,
    '',
    '',
  ].join('\r\n');
const chunked = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;

describe('the HTTP parser', () => {
  it('takes an honest request from a raw socket', async () => {
    expect(await raw(head(`Content-Length: ${BODY.length}`), BODY)).toMatch(/^HTTP\/1\.1 201 /);
    expect(await raw(head('Transfer-Encoding: chunked'), chunked)).toMatch(/^HTTP\/1\.1 201 /);
  });

  it.each([
    [
      'both Content-Length and Transfer-Encoding',
      head(`Content-Length: ${BODY.length}`, 'Transfer-Encoding: chunked'),
      400,
    ],
    ['two Content-Lengths', head('Content-Length: 5', `Content-Length: ${BODY.length}`), 400],
    ['a Content-Length that is a list', head('Content-Length: 5, 5'), 400],
    ['a negative Content-Length', head('Content-Length: -1'), 400],
    ['an unknown transfer coding', head('Transfer-Encoding: cow'), 400],
    ['chunked hidden by a vertical tab', head('Transfer-Encoding:\x0bchunked'), 400],
    ['a space before the colon', head('Content-Length : 5'), 400],
    ['a folded header', head('X-A: 1', ' folded: 2', 'Content-Length: 0'), 400],
    ['bare line feeds', head(`Content-Length: ${BODY.length}`).replaceAll('\r\n', '\n'), 400],
    ['no Host', head('Content-Length: 0').replace('Host: x\r\n', ''), 400],
    ['two Hosts', head('Host: y', 'Content-Length: 0'), 400],
    ['an unknown method', 'BREW / HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['no HTTP', 'INVITE sip:a@b SIP/2.0\r\n\r\n', 400],
    ['TLS on the plain port', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['headers without end', head(...Array(5).fill(`X-Long: ${'x'.repeat(HEADER_BYTES_MAX / 4)}`)), 431],
    ['a path without end', `GET /${'x'.repeat(HEADER_BYTES_MAX)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
  ])('refuses %s and closes', async (_case, request, status) => {
    const before = server.scripted.calls.length;
    const answer = await raw(request, BODY);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(server.scripted.calls).toHaveLength(before);
  });

  it('answers what it refuses with the error object too', async () => {
    const answer = await raw(head('Content-Length: 5, 5'));
    const { error } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
    expect(error).toMatchObject({ type: 'invalid_request_error', code: 'malformed_http', call_safe: true });
  });

  // RFC 9112 §7.1.1: who does not know a chunk extension ignores it; §11.2: what two parsers may read differently smuggles requests.
  it('ignores a chunk extension', async () => {
    const extended = `${BODY.length.toString(16)};name=value;quoted="a b"\r\n${BODY}\r\n0;last\r\n\r\n`;
    expect(await raw(head('Transfer-Encoding: chunked'), extended)).toMatch(/^HTTP\/1\.1 201 /);
  });

  it.each([
    ['a chunk extension without end', `5;${'x'.repeat(40_000)}`, 400],
    ['a line feed in a chunk extension', `5;a\n\r\n{"cal\r\n0\r\n\r\n`, 400],
    ['a bare line feed after a chunk size', `5\n{"cal\n0\n\n`, 400],
    ['a chunk size with a sign', `+5\r\n{"cal\r\n0\r\n\r\n`, 400],
    ['a chunk size with 0x', `0x5\r\n{"cal\r\n0\r\n\r\n`, 400],
    ['a chunk size beyond 64 bits', `fffffffffffffffff\r\n{"cal\r\n0\r\n\r\n`, 400],
    ['a chunk longer than it says', `2\r\n{"cal\r\n0\r\n\r\n`, 400],
    ['a second Transfer-Encoding in the trailer', `0\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
    ['a Content-Length in the trailer', `0\r\nContent-Length: 5\r\n\r\n`, 400],
  ])('refuses %s', async (_case, chunks, status) => {
    const before = server.scripted.calls.length;
    expect(await raw(head('Transfer-Encoding: chunked'), chunks)).toMatch(
      new RegExp(`^HTTP/1\\.1 ${status} `),
    );
    expect(server.scripted.calls).toHaveLength(before);
  });

  it('refuses a bad chunk in a body that began well', async () => {
    expect(await raw(head('Transfer-Encoding: chunked'), `5\r\n{"cal\r\nzz\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('stops reading a body that is longer than allowed, whatever its length said', async () => {
    const chunk = `${(8192).toString(16)}\r\n${'x'.repeat(8192)}\r\n`;
    expect(await raw(head('Transfer-Encoding: chunked'), ...Array(12).fill(chunk), '0\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 413 /,
    );
    expect(await raw(head('Content-Length: 99999999999'), 'x')).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('does not take a second request out of the body of the first', async () => {
    const smuggled = 'GET /v1/sessions HTTP/1.1\r\nHost: x\r\n\r\n';
    const answer = await raw(head(`Content-Length: ${smuggled.length}`), smuggled);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('a slow client', () => {
  it.each([
    ['never ends its headers', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-A'],
    ['never sends its body', head(`Content-Length: ${BODY.length}`)],
    ['stops in the middle of its body', head(`Content-Length: ${BODY.length}`) + BODY.slice(0, 10)],
    ['stops between chunks', `${head('Transfer-Encoding: chunked')}5\r\n{"cal\r\n`],
  ])('is told 408 and closed when it %s', async (_case, sent) => {
    expect(await raw(sent)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('does not keep others waiting', async () => {
    const slow = Array.from({ length: 50 }, () => raw('GET /healthz HTTP/1.1\r\n'));
    expect((await server.call('GET', '/healthz')).status).toBe(200);
    await Promise.all(slow);
  });
});

describe('a listener', () => {
  it('rejects when its port is taken, and frees it when it closes', async () => {
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const answer = (_request: unknown, response: { end(text: string): unknown }) => response.end('x');
    const first = await startHttp(answer, { host: '127.0.0.1', port: 0, log });
    await expect(startHttp(answer, { host: '127.0.0.1', port: first.port, log })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await first.close();
    const second = await startHttp(answer, { host: '127.0.0.1', port: first.port, log });
    await second.close();
  });

  it('cuts what is still open when the time to close is over', async () => {
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const hanging = await startHttp(() => {}, {
      host: '127.0.0.1',
      port: 0,
      log,
      timeouts: { closeGraceMs: 50 },
    });
    const request = fetch(hanging.url).then(
      () => 'answered',
      () => 'cut',
    );
    await new Promise((resolve) => setImmediate(resolve));
    await hanging.close();
    expect(await request).toBe('cut');
  });
});
