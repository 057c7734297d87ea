import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { Log } from '@sordino/core';
import { WebSocket, WebSocketServer } from 'ws';
import { guardConnections } from './guard-connections.ts';
import { listenOn } from './listen-on.ts';
import { plainAddress, tlsOf } from './tcp-connection.ts';
import { DEFAULT_TCP_LIMITS, type TcpLimits } from './tcp-limits.ts';
import type { TlsCredentials } from './tls-credentials.ts';
import { reportHandshakes, serverOptions, type TlsTransport } from './tls-transport.ts';
import type { ConnectionGate, Flow, ListenPoint, MessageHandler, SipAddress } from './transport.ts';

/** RFC 7118 §4.1. */
const SUBPROTOCOL = 'sip';
/** Between two pings, ms: shorter than the 30 s after which home routers forget a connection (RFC 5626 §4.4.1). */
const PING_EVERY_MS = 25_000;
/** RFC 5626 §3.5.1, which browsers' SIP stacks send in a frame of its own. */
const PING = '\r\n\r\n';
const PONG = '\r\n';
/** RFC 6455 §7.4.1: going away. */
const GOING_AWAY = 1001;

export interface WsOptions {
  /** WSS: the certificate that is shown. */
  readonly server?: TlsCredentials;
  readonly limits?: TcpLimits;
  readonly gate?: ConnectionGate | undefined;
  readonly pingEveryMs?: number;
}

interface Peer {
  readonly socket: WebSocket;
  /** False: the last ping has not been answered yet. */
  alive: boolean;
}

/**
 * SIP over WebSocket, plain or under TLS (RFC 7118): one message in one frame. We only listen: a client's connection serves
 * what we have to say to it, for as long as it is open, since nobody can be called back behind it.
 */
export async function openWsTransport(
  listen: ListenPoint,
  onMessage: MessageHandler,
  log: Log,
  options: WsOptions = {},
): Promise<TlsTransport> {
  const { server: shown, limits = DEFAULT_TCP_LIMITS, gate } = options;
  const protocol = shown === undefined ? 'ws' : 'wss';
  const peers = new Map<string, Peer>();

  // A web server in all but content.
  const onRequest = (_: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(426, { Upgrade: 'websocket', Connection: 'close' }).end();
  };
  const http =
    shown === undefined
      ? createServer(onRequest)
      : createSecureServer(
          { ...serverOptions(listen), ...shown.options, handshakeTimeout: limits.connectTimeoutMs },
          onRequest,
        );
  http.headersTimeout = limits.messageTimeoutMs;
  http.requestTimeout = limits.messageTimeoutMs;
  http.maxConnections = limits.connections;
  if ('setSecureContext' in http) reportHandshakes(http, log);
  if (gate !== undefined) guardConnections(http, gate);

  const webSockets = new WebSocketServer({
    server: http,
    maxPayload: limits.messageBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    verifyClient: ({ origin, req }: { origin: string | undefined; req: IncomingMessage }, done) => {
      const offered = (req.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
      if (!offered.includes(SUBPROTOCOL)) done(false, 400, 'Subprotocol sip is required (RFC 7118)');
      else if (listen.origins !== undefined && !listen.origins.includes(origin ?? '')) done(false, 403);
      else done(true);
    },
  });
  // It repeats what the listener says, and without a listener of its own that would end the process.
  webSockets.on('error', () => {});
  webSockets.on('connection', (socket, request) =>
    accept(socket, { ...flowOf(protocol, request), close: () => socket.terminate() }),
  );

  const accept = (socket: WebSocket, flow: Flow): void => {
    const key = keyOf(flow.remote);
    const peer: Peer = { socket, alive: true };
    peers.set(key, peer);
    socket.on('pong', () => {
      peer.alive = true;
    });
    // Also where a frame is too long or no UTF-8: the library closes the connection then.
    socket.on('error', (error) => log.info('WebSocket connection failed', { reason: error.message }));
    socket.on('close', () => peers.delete(key));
    socket.on('message', (data) => {
      peer.alive = true;
      const raw = data as Uint8Array;
      if (isCrLf(raw)) {
        if (raw.length === PING.length && socket.bufferedAmount < limits.unsentBytes) socket.send(PONG);
        return;
      }
      try {
        onMessage(raw, flow);
      } catch (error) {
        log.error('Handler of a WebSocket message threw', { error: String(error) });
      }
    });
  };

  const local = await listenOn(http, listen);
  http.on('error', (error) => log.warn('SIP listener error', { error: error.message, port: local.port }));
  const pings = setInterval(() => {
    for (const peer of peers.values()) {
      if (peer.alive) peer.socket.ping();
      else peer.socket.terminate();
      peer.alive = false;
    }
  }, options.pingEveryMs ?? PING_EVERY_MS).unref();

  let closing: Promise<void> | undefined;
  return {
    protocol,
    local,
    isConnected: (remote) => peers.has(keyOf(remote)),
    async send(message, remote) {
      const peer = peers.get(keyOf(remote));
      if (peer === undefined || peer.socket.readyState !== WebSocket.OPEN) {
        throw new Error(
          `The WebSocket client ${remote.host}:${remote.port} is gone, and cannot be called back`,
        );
      }
      if (peer.socket.bufferedAmount + message.length > limits.unsentBytes) {
        peer.socket.terminate();
        throw new Error('The WebSocket client does not read what we send');
      }
      await new Promise<void>((resolve, reject) => {
        peer.socket.send(message, (error) => (error == null ? resolve() : reject(error)));
      });
    },
    renew() {
      if (shown !== undefined && 'setSecureContext' in http) http.setSecureContext(shown.options);
    },
    close() {
      closing ??= new Promise((resolve) => {
        clearInterval(pings);
        for (const { socket } of peers.values()) socket.close(GOING_AWAY);
        webSockets.close();
        http.close(() => resolve());
        // A client that does not say goodbye holds nothing up.
        setTimeout(() => {
          for (const { socket } of peers.values()) socket.terminate();
          http.closeAllConnections();
        }, CLOSE_GRACE_MS).unref();
      });
      return closing;
    },
  };
}

/** For the closing handshake of each client. */
const CLOSE_GRACE_MS = 500;

const keyOf = ({ host, port }: SipAddress): string => `${host}|${port}`;

const isCrLf = (raw: Uint8Array): boolean =>
  raw.length <= PING.length && raw.every((octet) => octet === 0x0d || octet === 0x0a);

function flowOf(protocol: 'ws' | 'wss', { socket }: IncomingMessage): Flow {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  return {
    protocol,
    local: { host: plainAddress(localAddress), port: localPort ?? 0 },
    remote: { host: plainAddress(remoteAddress), port: remotePort ?? 0 },
    ...(socket instanceof TLSSocket ? { tls: tlsOf(socket) } : {}),
    close: () => socket.destroy(),
  };
}
