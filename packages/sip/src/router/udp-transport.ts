import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Log } from '@sordino/core';
import type { ListenPoint, MessageHandler, SipTransport } from './transport.ts';

/** Octets of payload in one IPv4 UDP datagram: 65 535 less 20 of IP and 8 of UDP header. */
export const DATAGRAM_BYTES_MAX = 65_507;

/** Octets of socket buffer we ask for: a burst of 400 calls of 1.5 KB messages must survive a pause of the event loop. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

const CR = 0x0d;
const LF = 0x0a;

/**
 * A UDP socket bound to `listen`. Resolves when it is bound, rejects when it cannot be (address in use, not ours).
 * After that no error of the network ends the process: a failed send rejects its promise, the rest is logged.
 */
export async function openUdpTransport(
  listen: ListenPoint,
  onMessage: MessageHandler,
  log: Log,
): Promise<SipTransport> {
  // One listening point, one family: `::` must not take the IPv4 port away from another.
  const socket = createSocket(isIPv6(listen.host) ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' });
  await bind(socket, listen);
  const bound = socket.address();
  const local = { host: bound.address, port: bound.port };
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch (error) {
    log.debug('UDP receive buffer stays at its default', { error: String(error) });
  }

  socket.on('error', (error) => log.warn('UDP socket error', { error: error.message, port: local.port }));
  socket.on('message', (raw: Uint8Array, from: RemoteInfo) => {
    if (isKeepAlive(raw)) return;
    try {
      onMessage(raw, { protocol: 'udp', local, remote: { host: from.address, port: from.port } });
    } catch (error) {
      // One datagram of a peer must never be able to end the process.
      log.error('Handler of a UDP message threw', { error: String(error), remote: from.address });
    }
  });

  let closing: Promise<void> | undefined;
  return {
    protocol: 'udp',
    local,
    async send(message, remote) {
      if (closing !== undefined) throw new Error('The UDP transport is closed');
      const octets = typeof message === 'string' ? new TextEncoder().encode(message) : message;
      if (octets.length > DATAGRAM_BYTES_MAX) {
        throw new Error(
          `Message of ${octets.length} octets does not fit a UDP datagram (${DATAGRAM_BYTES_MAX})`,
        );
      }
      await new Promise<void>((resolve, reject) => {
        socket.send(octets, remote.port, remote.host, (error) =>
          error === null ? resolve() : reject(error),
        );
      });
    },
    close() {
      closing ??= new Promise((resolve) => socket.close(() => resolve()));
      return closing;
    },
  };
}

function bind(socket: Socket, listen: ListenPoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      socket.close();
      reject(
        new Error(`Cannot listen for SIP on udp ${listen.host}:${listen.port}: ${error.message}`, {
          cause: error,
        }),
      );
    };
    socket.once('error', failed);
    socket.bind(listen.port, listen.host, () => {
      socket.off('error', failed);
      resolve();
    });
  });
}

/** Empty datagrams, CRLF and NUL bytes that phones send to keep a NAT binding open. */
function isKeepAlive(raw: Uint8Array): boolean {
  if (raw.length > 4) return false;
  return raw.every((octet) => octet === CR || octet === LF || octet === 0);
}
