import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '@sordino/core';
import type { ThreadedMediaRelay } from '@sordino/relay';
import { ControlError, ControlRoutes } from './routes.ts';

/** The longest request that means anything is a peer of some hundred bytes. */
const BODY_BYTES_MAX = 16_384;
/** Shorter ones can be guessed. */
const CONTROL_TOKEN_CHARS_MIN = 32;
const REQUEST_WITHIN_MS = 5_000;

export interface ControlOptions {
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  /** Who shows it may do everything. */
  readonly token: string;
  readonly log: Log;
}

export interface ControlServer extends AsyncDisposable {
  readonly url: string;
}

/** Drives a relay by HTTP instead of SIP: docs/relay-control.md. Throws when the token is too short. */
export async function serveControl(
  relay: ThreadedMediaRelay,
  options: ControlOptions,
): Promise<ControlServer> {
  const { host, port, token, log } = options;
  if (token.length < CONTROL_TOKEN_CHARS_MIN)
    throw new RangeError(
      `the control token has ${token.length} characters; ${CONTROL_TOKEN_CHARS_MIN} are needed`,
    );
  const routes = new ControlRoutes(relay);
  const mayCall = bearer(token);
  const server = createServer({ requestTimeout: REQUEST_WITHIN_MS }, (request, response) => {
    answer(routes, mayCall, request)
      .catch((error: unknown) => refusal(error, log))
      .then((answered) => write(response, answered));
  });
  server.listen(port, host);
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    [Symbol.asyncDispose]: () => closed(server),
  };
}

type Answer = Awaited<ReturnType<ControlRoutes['answer']>>;

async function answer(
  routes: ControlRoutes,
  mayCall: (authorization: string) => boolean,
  request: IncomingMessage,
): Promise<Answer> {
  if (!mayCall(request.headers.authorization ?? ''))
    throw new ControlError(401, 'unauthorized', 'send the control token: Authorization: Bearer TOKEN');
  const body = await read(request);
  const url = new URL(request.url ?? '/', 'http://relay');
  return routes.answer(request.method ?? 'GET', url, body);
}

/** Compared as digests and in constant time, so that time tells nothing. */
function bearer(token: string): (authorization: string) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const wanted = digest(`Bearer ${token}`);
  return (authorization) => timingSafeEqual(digest(authorization), wanted);
}

async function read(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > BODY_BYTES_MAX)
      throw new ControlError(413, 'too_long', `the body is longer than ${BODY_BYTES_MAX} bytes`);
    pieces.push(piece);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    throw new ControlError(400, 'bad_request', 'the body is not JSON');
  }
}

function refusal(error: unknown, log: Log): Answer {
  if (error instanceof ControlError)
    return { status: error.status, body: { code: error.code, message: error.message } };
  log.error('a control request failed', { error: error instanceof Error ? error.name : 'unknown' });
  return { status: 500, body: { code: 'failed', message: 'the relay could not do it; its log says more' } };
}

function write(response: ServerResponse, { status, body }: Answer): void {
  if (body === undefined) response.writeHead(status).end();
  else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
