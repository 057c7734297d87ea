import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Log } from '@sordino/core';
import {
  CLOSE_GRACE_MS,
  CONNECTIONS_MAX,
  HEADER_BYTES_MAX,
  HEADERS_MAX,
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  REQUEST_TIMEOUT_MS,
  TIMEOUT_CHECK_MS,
} from '../limits.ts';
import { type Problem, toErrorBody } from './problem-details.ts';

export interface HttpTimeouts {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly keepAliveMs: number;
  readonly checkMs: number;
  readonly closeGraceMs: number;
}

export const HTTP_TIMEOUTS: HttpTimeouts = {
  headersMs: HEADERS_TIMEOUT_MS,
  requestMs: REQUEST_TIMEOUT_MS,
  keepAliveMs: KEEP_ALIVE_MS,
  checkMs: TIMEOUT_CHECK_MS,
  closeGraceMs: CLOSE_GRACE_MS,
};

export interface HttpOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly log: Log;
  readonly timeouts?: Partial<HttpTimeouts>;
}

export interface HttpServer {
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /** Takes no new connections, lets running answers end for `closeGraceMs`, then cuts what is left. */
  close(): Promise<void>;
}

/** Node's own strict parser, with limits on everything a client can make longer or slower. Rejects when the port is taken. */
export async function startHttp(listener: RequestListener, options: HttpOptions): Promise<HttpServer> {
  const timeouts = { ...HTTP_TIMEOUTS, ...options.timeouts };
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: timeouts.headersMs,
      requestTimeout: timeouts.requestMs,
      keepAliveTimeout: timeouts.keepAliveMs,
      connectionsCheckingInterval: timeouts.checkMs,
      insecureHTTPParser: false,
      requireHostHeader: true,
    },
    listener,
  );
  // A client may open a connection in advance and send nothing on it; Node counts that one neither as idle nor as busy.
  const unused = new Set<Duplex>();
  server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }) => unused.delete(socket));
  server.on('connection', wipeOnceRead);
  server.maxHeadersCount = HEADERS_MAX;
  server.maxConnections = CONNECTIONS_MAX;
  server.on('clientError', (error, socket) => refuseUnparsable(error, socket, options.log));
  await listening(server, options);
  server.on('error', (error) => options.log.error('the HTTP listener failed', { reason: error.message }));
  const { address, port } = server.address() as AddressInfo;
  const host = address.includes(':') ? `[${address}]` : address;
  return {
    host: address,
    port,
    url: `http://${host}:${port}`,
    close: () => {
      for (const socket of unused) socket.destroy();
      return close(server, timeouts.closeGraceMs);
    },
  };
}

/**
 * Pay connectors take cards in request bodies. What a connection has brought is zeroed behind the parser, which has copied the body out of it; and as
 * somebody else listens, Node does not read into a buffer of its own that nobody could reach.
 */
function wipeOnceRead(socket: Duplex): void {
  socket.on('data', (bytes: Buffer) => bytes.fill(0));
}

function listening(server: Server, { host, port }: HttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** What the parser refuses never becomes a request: smuggling, oversized headers, slow senders. */
function refuseUnparsable(error: NodeJS.ErrnoException, socket: Duplex, log: Log): void {
  log.info('http connection refused', { reason: error.code ?? error.name });
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = problemOfParser(error.code);
  const body = JSON.stringify(toErrorBody(problem, { requestId: 'req_none', session: undefined }));
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.code}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function problemOfParser(code: string | undefined): Problem {
  const type = 'invalid_request_error';
  if (code === 'HPE_HEADER_OVERFLOW')
    return {
      status: 431,
      type,
      code: 'headers_too_large',
      message: `The header fields are longer than ${HEADER_BYTES_MAX} bytes. Send fewer or shorter ones.`,
    };
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return {
      status: 408,
      type,
      code: 'request_timeout',
      message: 'The request took too long to arrive. Send it again, all at once.',
      retryable: true,
    };
  return {
    status: 400,
    type,
    code: 'malformed_http',
    message:
      'This is not a request that RFC 9112 allows. Send exactly one Host, and one Content-Length or none.',
  };
}
