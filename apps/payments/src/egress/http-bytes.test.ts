import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fetchBytes } from './http-bytes.ts';

const open: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];
afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  open.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/charge`;
}

const aGateway = (listener: RequestListener) => listen(createHttpServer(listener));

/** A gateway below HTTP: `on` gets each connection with all that has arrived when the body is complete. */
async function aRawGateway(on: (socket: Socket, received: string) => void) {
  const connections: string[] = [];
  const url = await listen(
    createServer((socket) => {
      const index = connections.push('') - 1;
      socket.on('error', () => {});
      socket.on('data', (data) => {
        connections[index] += data.toString('latin1');
        if (connections[index]?.endsWith(BODY)) on(socket, connections[index]);
      });
    }),
  );
  return { url, connections };
}

const BODY = '{"amount":4999,"end":true}';
const charge = (url: string, timeoutMs = 5_000) =>
  fetchBytes({
    method: 'POST',
    url,
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'k-1' },
    body: Buffer.from(BODY),
    timeoutMs,
  });

describe('one request to a gateway', () => {
  it('is sent as it is and answered with status and bytes', async () => {
    const seen: unknown[] = [];
    const url = await aGateway((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const { method, headers } = request;
        seen.push({
          method,
          path: request.url,
          key: headers['idempotency-key'],
          length: headers['content-length'],
        });
        seen.push(Buffer.concat(chunks).toString(), headers.connection, headers['transfer-encoding']);
        response
          .writeHead(402, { 'Content-Type': 'application/octet-stream' })
          .end(Buffer.from([0, 255, 128]));
      });
    });
    const outcome = await charge(url);
    expect(outcome).toEqual({ kind: 'answered', status: 402, body: Buffer.from([0, 255, 128]) });
    expect(seen).toEqual([
      { method: 'POST', path: '/charge', key: 'k-1', length: String(BODY.length) },
      BODY,
      'close',
      undefined,
    ]);
  });

  it('reads without a body, and does not follow a redirect', async () => {
    const paths: unknown[] = [];
    const url = await aGateway((request, response) => {
      paths.push(request.url);
      response.writeHead(302, { Location: '/elsewhere' }).end();
    });
    const outcome = await fetchBytes({ method: 'GET', url, headers: {}, body: undefined, timeoutMs: 5_000 });
    expect(outcome).toMatchObject({ kind: 'answered', status: 302 });
    expect(paths).toEqual(['/charge']);
  });

  it('takes an answer in chunks and one that ends with the connection', async () => {
    const chunked = await aGateway((_request, response) => {
      response.write('ab');
      response.end('cd');
    });
    expect(await charge(chunked)).toMatchObject({ kind: 'answered', body: Buffer.from('abcd') });
    const closing = await aRawGateway((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nabcd'));
    expect(await charge(closing.url)).toMatchObject({ kind: 'answered', body: Buffer.from('abcd') });
  });
});

describe('a request of which no byte can have left', () => {
  it('is not_sent when nobody listens', async () => {
    const server = createServer();
    const url = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    open.pop();
    expect(await charge(url)).toEqual({ kind: 'not_sent', code: 'ECONNREFUSED' });
  });

  it('is not_sent when there is no such host', async () => {
    expect(await charge('http://gateway.invalid/charge')).toMatchObject({ kind: 'not_sent' });
  });

  it('is not_sent when TLS fails', async () => {
    const { url, connections } = await aRawGateway(() => {});
    const server = open.at(-1)?.server;
    server?.on('connection', (socket: Socket) => socket.once('data', () => socket.end('not TLS\r\n')));
    expect(await charge(url.replace('http:', 'https:'))).toMatchObject({ kind: 'not_sent' });
    expect(connections.join()).not.toContain('amount');
  });

  it('is not_sent when TLS never comes to an end', async () => {
    const { url, connections } = await aRawGateway(() => {});
    expect(await charge(url.replace('http:', 'https:'), 200)).toEqual({
      kind: 'not_sent',
      code: 'ETIMEDOUT',
    });
    expect(connections.join()).not.toContain('amount');
  });

  it.each(['ftp://127.0.0.1/', 'nonsense', 'http://'])('is not_sent to %s', async (url) => {
    expect(await charge(url)).toMatchObject({ kind: 'not_sent' });
  });
});

describe('a request that may have left', () => {
  const HALF = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"status":"appro';
  it.each([
    ['the connection is reset after the body', (socket: Socket) => socket.resetAndDestroy(), 'ECONNRESET'],
    ['the connection ends without an answer', (socket: Socket) => socket.end(), 'ECONNRESET'],
    ['half an answer comes and the connection ends', (socket: Socket) => socket.end(HALF), 'ECONNRESET'],
    [
      'half an answer comes and the connection is reset',
      (socket: Socket) => socket.write(HALF, () => socket.resetAndDestroy()),
      'ECONNRESET',
    ],
    ['half an answer comes and no more', (socket: Socket) => socket.write(HALF), 'ETIMEDOUT'],
    ['nothing comes', () => {}, 'ETIMEDOUT'],
    [
      'only "100 Continue" comes',
      (socket: Socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'),
      'ETIMEDOUT',
    ],
    [
      'a chunk is cut',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab'),
      'ECONNRESET',
    ],
    [
      'what comes is not HTTP',
      (socket: Socket) => socket.end('SIP/2.0 200 OK\r\n\r\n'),
      'HPE_INVALID_CONSTANT',
    ],
    [
      'the answer never ends',
      (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(300_000)}`),
      'ERR_ANSWER_TOO_LARGE',
    ],
  ])('is lost when %s, and is not sent again', async (_case, act, code) => {
    const { url, connections } = await aRawGateway(act);
    expect(await charge(url, 400)).toEqual({ kind: 'lost', code });
    expect(connections).toHaveLength(1);
    expect(connections[0]?.split('POST /charge')).toHaveLength(2);
  });

  it('is lost when the connection is cut before the whole body was taken', async () => {
    const url = await listen(createServer((socket) => socket.once('data', () => socket.resetAndDestroy())));
    const body = Buffer.alloc(20_000_000, 0x20);
    const outcome = await fetchBytes({ method: 'POST', url, headers: {}, body, timeoutMs: 5_000 });
    expect(outcome).toMatchObject({ kind: 'lost' });
  });
});
