import { lookup as systemLookup } from 'node:dns';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { FetchBytes, HttpOutcome, HttpRequest } from '@sordino/payments';
import { EGRESS_REFUSED, lookupWithin, mayAsk, type Reach } from './guard.ts';

/** A gateway's answer to one charge is a few KB. */
const ANSWER_BYTES_MAX = 256 * 1024;
const ERR_INVALID_REQUEST = 'ERR_INVALID_REQUEST';

/** Where the requests of one sender may go; everything else is refused before a socket is opened. */
export interface EgressRule {
  /** Scheme, host and port of each, such as `https://api.example.com`. */
  readonly origins: readonly string[] | 'any';
  readonly reach: Reach;
}

/** For simulators: nothing leaves this machine. */
export const fetchBytes: FetchBytes = fetchBytesTo({ origins: 'any', reach: 'loopback' });

/**
 * One request on the wire, exactly one, and only to where `rule` says: no connection is reused (a reused one may be dead already, which
 * invites a silent second attempt), no redirect is followed, nothing is tried again. The body goes to the socket as the bytes it is.
 */
export function fetchBytesTo(rule: EgressRule, lookup: typeof systemLookup = systemLookup): FetchBytes {
  return (request) => exchangeOnce(request, rule, lookup);
}

const exchangeOnce = (
  request: HttpRequest,
  rule: EgressRule,
  lookup: typeof systemLookup,
): Promise<HttpOutcome> =>
  new Promise((resolve) => {
    const exchange = begin(request, rule, lookup);
    if (typeof exchange === 'string') {
      resolve({ kind: 'not_sent', code: exchange });
      return;
    }
    // Before there is a connection (with TLS: a verified one) no byte of the request can have left.
    let connected = false;
    let settled = false;
    const settle = (outcome: HttpOutcome) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      exchange.destroy();
      resolve(outcome);
    };
    const lose = (code: string) => settle({ kind: connected ? 'lost' : 'not_sent', code });
    const timer = setTimeout(() => lose('ETIMEDOUT'), request.timeoutMs);
    exchange.on('socket', (socket) => {
      socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => {
        connected = true;
        // Head and body apart: what is written together, or before there is a connection, TLS copies into memory that nobody wipes.
        exchange.flushHeaders();
        exchange.end(request.body);
      });
    });
    exchange.on('error', (error: NodeJS.ErrnoException) => lose(error.code ?? error.name));
    exchange.on('response', (answer) => readAnswer(answer, settle, lose));
  });

/** The code, when nothing can be sent. */
function begin(
  request: HttpRequest,
  { origins, reach }: EgressRule,
  lookup: typeof systemLookup,
): ClientRequest | string {
  try {
    const url = new URL(request.url);
    const isAllowed = origins === 'any' || origins.includes(url.origin);
    if (!isAllowed || !mayAsk(reach, url.hostname)) return EGRESS_REFUSED;
    const headers: Record<string, string | number> = { ...request.headers, Connection: 'close' };
    if (request.body) headers['Content-Length'] = request.body.length;
    const options = { method: request.method, headers, agent: false, lookup: lookupWithin(reach, lookup) };
    if (url.protocol === 'http:') return httpRequest(url, options);
    return url.protocol === 'https:' ? httpsRequest(url, options) : ERR_INVALID_REQUEST;
  } catch {
    // An impossible URL or header: a bug of the caller, and certainly nothing was sent.
    return ERR_INVALID_REQUEST;
  }
}

function readAnswer(
  answer: IncomingMessage,
  settle: (outcome: HttpOutcome) => void,
  lose: (code: string) => void,
) {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  answer.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) lose('ERR_ANSWER_TOO_LARGE');
    else chunks.push(chunk);
  });
  // 'end' comes only when the answer is whole: as long as Content-Length said, or with its last chunk.
  answer.on('end', () =>
    settle({ kind: 'answered', status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }),
  );
  answer.on('error', (error: NodeJS.ErrnoException) => lose(error.code ?? error.name));
  answer.on('aborted', () => lose('ECONNRESET'));
}
