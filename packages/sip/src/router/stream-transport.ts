import { isIP, type Server, type Socket } from 'node:net';
import type { Log } from '@sordino/core';
import { ConnectionTable } from './connection-table.ts';
import { guardConnections } from './guard-connections.ts';
import { listenOn } from './listen-on.ts';
import { plainAddress, TcpConnection } from './tcp-connection.ts';
import { DEFAULT_TCP_LIMITS, type TcpLimits } from './tcp-limits.ts';
import type { ConnectionGate, ListenPoint, MessageHandler, SipAddress, SipTransport } from './transport.ts';

/** For queued answers to leave when we close: a peer that does not read holds nothing up for longer. */
const CLOSE_GRACE_MS = 500;

/** How sockets of one kind are made. */
export interface StreamKind {
  readonly protocol: 'tcp' | 'tls';
  /** `onSocket` gets sockets that are ready for SIP: under TLS after the handshake. */
  createServer(onSocket: (socket: Socket) => void): Server;
  dial(remote: SipAddress, localAddress: string | undefined): Socket;
}

/**
 * A listener, and connections made as needed. A connection from ip:port serves `send` to that same ip:port, so
 * answers go back the way the request came (RFC 3261 §18.2.2); other addresses are dialled, once for all who wait.
 * A connection that broke is forgotten and dialled anew by the next `send`, or by the one that found out.
 */
export async function openStreamTransport(
  kind: StreamKind,
  listen: ListenPoint,
  onMessage: MessageHandler,
  log: Log,
  limits: TcpLimits = DEFAULT_TCP_LIMITS,
  gate?: ConnectionGate,
): Promise<SipTransport> {
  const connections = new ConnectionTable();
  const sockets = new Set<Socket>();
  let lost: (remote: SipAddress) => void = () => {};
  let closing: Promise<void> | undefined;

  const adopt = (remote: SipAddress, socket: Socket, dialled: boolean): TcpConnection => {
    const connection = new TcpConnection(socket, dialled, limits, onMessage, log);
    connections.add(remote, connection);
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      connections.remove(connection);
      if (!connection.cameUp || closing !== undefined) return;
      connections.learnName(remote);
      lost(remote);
    });
    // A peer that closes its half wants no more from us: the next send dials anew instead of writing into the void.
    socket.once('end', () => connections.remove(connection));
    return connection;
  };

  const server = kind.createServer((socket) => {
    if (sockets.size >= limits.connections) {
      log.warn('TCP connection refused: too many are open', { open: sockets.size });
      socket.destroy();
      return;
    }
    adopt({ host: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 }, socket, false);
  });
  if (gate !== undefined) guardConnections(server, gate);
  // Handshakes that have not come to an end count too.
  server.maxConnections = limits.connections;
  const local = await listenOn(server, listen);
  server.on('error', (error) => log.warn('SIP listener error', { error: error.message, port: local.port }));

  const dial = (remote: SipAddress): TcpConnection => {
    if (sockets.size >= limits.connections) throw new Error('Too many TCP connections are open');
    const from = isIP(local.host) !== 0 && !isWildcard(local.host) ? local.host : undefined;
    return adopt(remote, kind.dial(connections.withKnownName(remote), from), true);
  };

  return {
    protocol: kind.protocol,
    local,
    onLost: (handler) => {
      lost = handler;
    },
    isConnected: (remote) => connections.find(remote) !== undefined,
    async send(message, remote) {
      if (closing !== undefined) throw new Error(`The ${kind.protocol} transport is closed`);
      const octets =
        typeof message === 'string' ? new TextEncoder().encode(message) : Uint8Array.from(message);
      const open = connections.find(remote);
      if (open === undefined) return dial(remote).send(octets);
      try {
        await open.send(octets);
      } catch (error) {
        if (!wasGoneBefore(error)) throw error;
        connections.remove(open);
        await (connections.find(remote) ?? dial(remote)).send(octets);
      }
    },
    close() {
      closing ??= new Promise((resolve) => {
        const giveUp = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, CLOSE_GRACE_MS);
        server.close(() => {
          clearTimeout(giveUp);
          resolve();
        });
        for (const socket of sockets) {
          if (socket.connecting) socket.destroy();
          else socket.destroySoon();
        }
      });
      return closing;
    },
  };
}

/**
 * The peer had closed or reset the connection, and we learned it by writing. A second try cannot do harm: should the
 * message have arrived all the same, its branch marks the other one as a repetition.
 */
function wasGoneBefore(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
}

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::';
