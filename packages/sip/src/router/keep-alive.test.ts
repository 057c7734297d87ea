import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLog } from '@sordino/core';
import { DEFAULT_TCP_LIMITS, type TcpLimits } from './tcp-limits.ts';
import { openTcpTransport } from './tcp-transport.ts';
import type { SipTransport } from './transport.ts';

const INFO = 'INFO sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n';
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

interface Peer {
  readonly remote: { readonly host: string; readonly port: number };
  /** Of the first connection. */
  readonly socket: Promise<Socket>;
  connections: number;
}

async function listens(onData: (socket: Socket, text: string) => void): Promise<Peer> {
  let first: (socket: Socket) => void = () => {};
  const socket = new Promise<Socket>((resolve) => {
    first = resolve;
  });
  const server = createServer((accepted) => {
    peer.connections += 1;
    first(accepted);
    accepted.on('error', () => {});
    accepted.on('data', (chunk) => onData(accepted, chunk.toString()));
    cleanUp.push(() => accepted.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp.push(() => server.close());
  const { port } = server.address() as { port: number };
  const peer: Peer = { remote: { host: '127.0.0.1', port }, socket, connections: 0 };
  return peer;
}

async function open(change: Partial<TcpLimits>): Promise<SipTransport> {
  const transport = await openTcpTransport(
    { protocol: 'tcp', host: '127.0.0.1', port: 0 },
    () => {},
    silentLog,
    {
      ...DEFAULT_TCP_LIMITS,
      ...change,
    },
  );
  cleanUp.push(() => transport.close());
  return transport;
}

const closed = async ({ socket }: Peer): Promise<void> => {
  const it = await socket;
  if (!it.destroyed) await new Promise((resolve) => it.once('close', resolve));
};

describe('keep-alive of a connection that we dialled (RFC 5626 §4.4.1)', () => {
  it('pings while nothing else is said, and a peer that stops answering is dead', async () => {
    let pings = 0;
    const peer = await listens((socket, text) => {
      if (text === '\r\n\r\n' && ++pings <= 2) socket.write('\r\n');
    });
    const a = await open({ pingEveryMs: 20, pongMs: 1_000 });
    await a.send(INFO, peer.remote);
    await closed(peer);
    expect(pings).toBe(3);
    await a.send(INFO, peer.remote);
    expect(peer.connections).toBe(2);
  });

  it('keeps a peer that never answers pings, as many do not', async () => {
    let pings = 0;
    let enough: () => void = () => {};
    const many = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const peer = await listens((_, text) => {
      if (text === '\r\n\r\n' && ++pings === 4) enough();
    });
    const a = await open({ pingEveryMs: 10, pongMs: 10 });
    await a.send(INFO, peer.remote);
    await many;
    await a.send(INFO, peer.remote);
    expect(peer.connections).toBe(1);
  });

  it('does not keep a connection open that nobody uses', async () => {
    const heard: string[] = [];
    const peer = await listens((socket, text) => {
      heard.push(text);
      if (text === '\r\n\r\n') socket.write('\r\n');
    });
    const a = await open({ pingEveryMs: 20, pongMs: 1_000, idleTimeoutMs: 100 });
    await a.send(INFO, peer.remote);
    await closed(peer);
    expect(peer.connections).toBe(1);
    // Pongs in a row are no pings: they are not answered.
    expect(new Set(heard)).toEqual(new Set([INFO, '\r\n\r\n']));
  });
});
