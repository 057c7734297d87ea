import { createSocket } from 'node:dgram';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLog } from '@sordino/core';
import { DEFAULT_TCP_LIMITS, type TcpLimits } from './tcp-limits.ts';
import { openTcpTransport } from './tcp-transport.ts';
import type { Flow, ListenPoint, MessageHandler, SipTransport } from './transport.ts';
import { DATAGRAM_BYTES_MAX, openUdpTransport } from './udp-transport.ts';

const udpHere: ListenPoint = { protocol: 'udp', host: '127.0.0.1', port: 0 };
const tcpHere: ListenPoint = { protocol: 'tcp', host: '127.0.0.1', port: 0 };
const INFO = 'INFO sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nl: 0\r\n\r\n';

/** Collects messages; `next` waits for the one after those already taken. */
class Inbox {
  readonly #messages: { readonly text: string; readonly flow: Flow }[] = [];
  readonly #waiting: ((message: { readonly text: string; readonly flow: Flow }) => void)[] = [];

  readonly onMessage: MessageHandler = (raw, flow) => {
    const message = { text: new TextDecoder().decode(raw), flow };
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#messages.push(message);
    else waiter(message);
  };

  get unread(): number {
    return this.#messages.length;
  }

  next(): Promise<{ readonly text: string; readonly flow: Flow }> {
    const message = this.#messages.shift();
    return message === undefined
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve(message);
  }
}

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});
function disposed(transport: SipTransport): SipTransport {
  cleanUp.push(() => transport.close());
  return transport;
}

describe('UDP transport', () => {
  it('carries messages both ways and names the source', async () => {
    const alice = new Inbox();
    const bob = new Inbox();
    const a = disposed(await openUdpTransport(udpHere, alice.onMessage, silentLog));
    const b = disposed(await openUdpTransport(udpHere, bob.onMessage, silentLog));
    await a.send('one', b.local);
    const got = await bob.next();
    expect(got).toEqual({ text: 'one', flow: { protocol: 'udp', local: b.local, remote: a.local } });
    await b.send(new TextEncoder().encode('two'), got.flow.remote);
    expect((await alice.next()).text).toBe('two');
  });

  it('swallows keep-alives and outlives a handler that throws', async () => {
    const inbox = new Inbox();
    let first = true;
    const fragile: MessageHandler = (raw, flow) => {
      if (first) {
        first = false;
        throw new Error('broken handler');
      }
      inbox.onMessage(raw, flow);
    };
    const server = disposed(await openUdpTransport(udpHere, fragile, silentLog));
    const socket = createSocket('udp4');
    cleanUp.push(() => socket.close());
    for (const datagram of ['\r\n\r\n', '\0\0\0\0', '', 'first', '\r\n', 'second']) {
      socket.send(datagram, server.local.port, '127.0.0.1');
    }
    expect((await inbox.next()).text).toBe('second');
  });

  it('rejects a message that fits no datagram, and one after close', async () => {
    const transport = disposed(await openUdpTransport(udpHere, () => {}, silentLog));
    await expect(transport.send('x'.repeat(DATAGRAM_BYTES_MAX + 1), transport.local)).rejects.toThrow(
      /65508 octets/,
    );
    await transport.close();
    await expect(transport.send('x', transport.local)).rejects.toThrow(/closed/);
  });

  it('says which address it could not bind', async () => {
    const first = disposed(await openUdpTransport(udpHere, () => {}, silentLog));
    await expect(
      openUdpTransport({ ...udpHere, port: first.local.port }, () => {}, silentLog),
    ).rejects.toThrow(`udp 127.0.0.1:${first.local.port}`);
  });

  it('keeps working after a send to a port where nobody listens', async () => {
    const inbox = new Inbox();
    const a = disposed(await openUdpTransport(udpHere, () => {}, silentLog));
    const b = disposed(await openUdpTransport(udpHere, inbox.onMessage, silentLog));
    const gone = await openUdpTransport(udpHere, () => {}, silentLog);
    await gone.close();
    await a.send('nobody', gone.local);
    await a.send('somebody', b.local);
    expect((await inbox.next()).text).toBe('somebody');
  });
});

describe('TCP transport', () => {
  const limits = (change: Partial<TcpLimits>): TcpLimits => ({ ...DEFAULT_TCP_LIMITS, ...change });
  const open = async (inbox: Inbox, change: Partial<TcpLimits> = {}): Promise<SipTransport> =>
    disposed(await openTcpTransport(tcpHere, inbox.onMessage, silentLog, limits(change)));

  /** A raw client: everything it received is in `text` once `closed` resolves. */
  async function client(to: SipTransport): Promise<{ socket: Socket; closed: Promise<string> }> {
    const socket = connect(to.local.port, to.local.host);
    cleanUp.push(() => socket.destroy());
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    return { socket, closed };
  }

  it('answers over the connection a request came on', async () => {
    const alice = new Inbox();
    const bob = new Inbox();
    const a = await open(alice);
    const b = await open(bob);
    await a.send(INFO, b.local);
    const request = await bob.next();
    expect(request.text).toBe(INFO);
    expect(request.flow.remote.port).not.toBe(a.local.port);
    await b.send(INFO, request.flow.remote);
    const answer = await alice.next();
    expect(answer.flow.remote).toEqual(b.local);
  });

  it('dials an address once for all who wait, and keeps their order', async () => {
    const bob = new Inbox();
    const b = await open(bob);
    const a = await open(new Inbox());
    const numbered = [1, 2, 3, 4].map((n) => INFO.replace('sip:a', `sip:a${n}`));
    await Promise.all(numbered.map((message) => a.send(message, b.local)));
    const got = [await bob.next(), await bob.next(), await bob.next(), await bob.next()];
    expect(got.map((message) => message.text)).toEqual(numbered);
    expect(new Set(got.map((message) => message.flow.remote.port)).size).toBe(1);
  });

  it.each(['closed', 'reset'])('dials anew after a connection was %s', async (how) => {
    const peers: Socket[] = [];
    const arrivals: (() => void)[] = [];
    const server = createServer((socket) => {
      peers.push(socket);
      socket.on('error', () => {});
      socket.on('data', () => arrivals.shift()?.());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUp.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as { port: number };
    const remote = { host: '127.0.0.1', port };
    const a = await open(new Inbox());

    const arrival = (): Promise<void> => new Promise((resolve) => arrivals.push(resolve));
    const first = arrival();
    await a.send(INFO, remote);
    await first;
    const gone = new Promise((resolve) => peers[0]?.once('close', resolve));
    if (how === 'closed') peers[0]?.end();
    else peers[0]?.resetAndDestroy();
    await gone;
    const second = arrival();
    await a.send(INFO, remote);
    await second;
    expect(peers).toHaveLength(2);
    for (const peer of peers) peer.destroy();
  });

  it('rejects a send to a port where nobody listens', async () => {
    const a = await open(new Inbox());
    const gone = await openTcpTransport(tcpHere, () => {}, silentLog);
    await gone.close();
    await expect(a.send(INFO, gone.local)).rejects.toThrow(/ECONNREFUSED/);
    await expect(a.send(INFO, { host: '127.0.0.1', port: 70_000 })).rejects.toThrow();
  });

  it('answers a ping with one CRLF', async () => {
    const server = await open(new Inbox());
    const { socket } = await client(server);
    socket.write('\r\n\r\n');
    const pong = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect(pong.toString()).toBe('\r\n');
  });

  it.each([
    [
      '400',
      'a request without Content-Length',
      400,
      'INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n\r\n',
    ],
    [
      '400',
      'a request with a negative one',
      400,
      'INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nl: -1\r\n\r\n',
    ],
    [
      '513',
      'endless headers',
      513,
      `INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nX: ${'y'.repeat(20_000)}`,
    ],
  ])('answers %s to %s and closes', async (_, __, status, text) => {
    const server = await open(new Inbox());
    const { socket, closed } = await client(server);
    socket.write(text);
    const answer = await closed;
    expect(answer).toMatch(new RegExp(`^SIP/2.0 ${status} `));
    expect(answer).toContain('branch=z9hG4bK1');
  });

  it('closes on what is not SIP, without an answer, and still serves others', async () => {
    const inbox = new Inbox();
    const server = await open(inbox);
    const { socket, closed } = await client(server);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await closed).toBe('');
    const other = await client(server);
    other.socket.write(INFO);
    expect((await inbox.next()).text).toBe(INFO);
  });

  it('gives up on a message that drips in', async () => {
    const server = await open(new Inbox(), { messageTimeoutMs: 30 });
    const { socket, closed } = await client(server);
    socket.write('INVITE sip:a@b SIP/2.0\r\nVia: ');
    expect(await closed).toBe('');
  });

  it('closes an idle connection', async () => {
    const server = await open(new Inbox(), { idleTimeoutMs: 30 });
    const { closed } = await client(server);
    expect(await closed).toBe('');
  });

  it('refuses connections above the limit', async () => {
    const inbox = new Inbox();
    const server = await open(inbox, { connections: 1 });
    const first = await client(server);
    first.socket.write(INFO);
    await inbox.next();
    const second = await client(server);
    expect(await second.closed).toBe('');
    await expect(server.send(INFO, { host: '127.0.0.1', port: 1 })).rejects.toThrow(/Too many/);
  });

  it('drops a peer that does not read', async () => {
    const inbox = new Inbox();
    const server = await open(inbox, { unsentBytes: 100_000 });
    const { socket } = await client(server);
    socket.write(INFO);
    const { flow } = await inbox.next();
    socket.pause();
    const flood = Array.from({ length: 1_000 }, () => server.send('x'.repeat(30_000), flow.remote));
    const outcomes = await Promise.allSettled(flood);
    expect(outcomes.some((outcome) => outcome.status === 'rejected')).toBe(true);
  });

  it('gives up sending to a peer that takes nothing for too long', async () => {
    const inbox = new Inbox();
    const server = await open(inbox, { sendTimeoutMs: 30, unsentBytes: 1e9 });
    const { socket } = await client(server);
    socket.write(INFO);
    const { flow } = await inbox.next();
    socket.pause();
    // The buffers of both kernels take much before nothing leaves any more.
    const fill = async (): Promise<void> => {
      for (let i = 0; i < 100; i++) await server.send('x'.repeat(4_000_000), flow.remote);
    };
    await expect(fill()).rejects.toThrow(/does not take/);
  });

  it('rejects sends after close, and closes twice without harm', async () => {
    const server = await openTcpTransport(tcpHere, () => {}, silentLog);
    await client(server);
    await server.close();
    await server.close();
    await expect(server.send(INFO, server.local)).rejects.toThrow(/closed/);
  });
});
