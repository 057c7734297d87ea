import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLog } from '@sordino/core';
import { type ClientOptions, WebSocket } from 'ws';
import { TestAuthority } from '../test-support/certificates.ts';
import { DEFAULT_TCP_LIMITS } from './tcp-limits.ts';
import { TlsCredentials } from './tls-credentials.ts';
import type { TlsTransport } from './tls-transport.ts';
import type { Flow, ListenPoint } from './transport.ts';
import { openWsTransport, type WsOptions } from './ws-transport.ts';

const HOST = '127.0.0.1';
const OPTIONS = 'OPTIONS sip:a@b SIP/2.0\r\n\r\n';
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

interface Server extends TlsTransport {
  next(): Promise<{ text: string; flow: Flow }>;
}

async function open(point: Partial<ListenPoint> = {}, options: WsOptions = {}): Promise<Server> {
  const received: { text: string; flow: Flow }[] = [];
  const waiting: (() => void)[] = [];
  const transport = await openWsTransport(
    { protocol: 'ws', host: HOST, port: 0, ...point },
    (raw, flow) => {
      received.push({ text: new TextDecoder().decode(raw), flow });
      waiting.shift()?.();
    },
    silentLog,
    options,
  );
  cleanUp.push(() => transport.close());
  return {
    ...transport,
    async next() {
      if (received.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      return received.shift() as { text: string; flow: Flow };
    },
  };
}

/** How a connection began: open, or what was said instead. */
async function dial(
  server: TlsTransport,
  protocols: string[] = ['sip'],
  options: ClientOptions & { autoPong?: boolean } = {},
): Promise<{ socket: WebSocket; refused: string | undefined; closed: Promise<number> }> {
  const scheme = server.protocol;
  const socket = new WebSocket(`${scheme}://${HOST}:${server.local.port}/`, protocols, options);
  cleanUp.push(() => socket.terminate());
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  const refused = await new Promise<string | undefined>((resolve) => {
    socket.once('open', () => resolve(undefined));
    socket.once('error', (error) => resolve(error.message));
  });
  return { socket, refused, closed };
}

describe('WebSocket transport', () => {
  it('carries one message a frame, text or binary, and answers over the same connection', async () => {
    const server = await open();
    const { socket } = await dial(server);
    expect(socket.protocol).toBe('sip');
    socket.send(OPTIONS);
    const first = await server.next();
    expect(first).toMatchObject({ text: OPTIONS, flow: { protocol: 'ws', local: server.local } });
    expect(first.flow.tls).toBeUndefined();
    socket.send(new TextEncoder().encode(OPTIONS));
    expect((await server.next()).flow.remote).toEqual(first.flow.remote);
    const answer = new Promise((resolve) =>
      socket.once('message', (data, binary) => resolve([String(data), binary])),
    );
    await server.send('SIP/2.0 200 OK\r\n\r\n', first.flow.remote);
    expect(await answer).toEqual(['SIP/2.0 200 OK\r\n\r\n', false]);
  });

  it('has nobody to send to where no client is', async () => {
    const server = await open();
    await expect(server.send(OPTIONS, { host: HOST, port: 9 })).rejects.toThrow(/gone/);
  });

  it.each([[[]], [['chat']]])('refuses a client that offers %j instead of sip', async (protocols) => {
    expect((await dial(await open(), protocols)).refused).toMatch(/400/);
  });

  it('lets in only pages of the origins it knows', async () => {
    const server = await open({ origins: ['https://phone.example.com'] });
    expect((await dial(server, ['sip'], { origin: 'https://evil.example' })).refused).toMatch(/403/);
    expect((await dial(server)).refused).toMatch(/403/);
    expect((await dial(server, ['sip'], { origin: 'https://phone.example.com' })).refused).toBeUndefined();
  });

  it('is no web server', async () => {
    const { local } = await open();
    const status = await new Promise((resolve, reject) => {
      get({ host: HOST, port: local.port, path: '/' }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).once('error', reject);
    });
    expect(status).toBe(426);
  });

  it('closes on a message that is too long, and on text that is no UTF-8', async () => {
    const server = await open();
    const long = await dial(server);
    long.socket.send('x'.repeat(DEFAULT_TCP_LIMITS.messageBytes + 1));
    expect(await long.closed).toBe(1009);
    const broken = await dial(server);
    broken.socket.send(Buffer.from([0xff, 0xff]), { binary: false });
    expect(await broken.closed).toBe(1007);
  });

  it('answers the CRLF ping of RFC 5626', async () => {
    const { socket } = await dial(await open());
    const pong = new Promise((resolve) => socket.once('message', (data) => resolve(String(data))));
    socket.send('\r\n');
    socket.send('\r\n\r\n');
    expect(await pong).toBe('\r\n');
  });

  it('ends a connection that does not answer pings, and keeps one that does', async () => {
    const server = await open({}, { pingEveryMs: 20 });
    const alive = await dial(server);
    const dead = await dial(server, ['sip'], { autoPong: false });
    expect(await dead.closed).toBe(1006);
    expect(alive.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('says goodbye when it closes', async () => {
    const server = await open();
    const { closed } = await dial(server);
    await server.close();
    expect(await closed).toBe(1001);
  });

  it('says which port it cannot have', async () => {
    const { local } = await open();
    await expect(open({ port: local.port })).rejects.toThrow(`SIP on ws ${HOST}:${local.port}: `);
  });

  it('asks its gate before anything else', async () => {
    let asked = 0;
    const server = await open({}, { gate: () => void asked++ });
    expect((await dial(server)).refused).toBeDefined();
    expect(asked).toBe(1);
  });
});

describe('WebSocket transport under TLS', () => {
  let authority: TestAuthority;
  beforeAll(async () => {
    authority = await TestAuthority.make();
  });
  afterAll(() => authority.remove());

  it('tells whom a client certificate names', async () => {
    const tls = {
      ...(await authority.issue({ names: [`ip:${HOST}`] })),
      caFile: authority.caFile,
      clientCertificates: 'optional',
    } as const;
    const server = await open({ protocol: 'wss', tls }, { server: new TlsCredentials(tls, silentLog) });
    const ca = readFileSync(authority.caFile);
    const client = await authority.issue({ names: ['dns:pbx.example.com'] });
    const named = await dial(server, ['sip'], {
      ca,
      cert: readFileSync(client.certFile),
      key: readFileSync(client.keyFile),
    });
    named.socket.send(OPTIONS);
    expect((await server.next()).flow).toMatchObject({
      protocol: 'wss',
      tls: { authorized: true, names: ['pbx.example.com'] },
    });
    const bare = await dial(server, ['sip'], { ca });
    bare.socket.send(OPTIONS);
    expect((await server.next()).flow.tls).toEqual({ authorized: false, names: [] });
    expect((await dial(server)).refused).toMatch(/certificate/);
  });
});
