import { lookup as systemLookup } from 'node:dns';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { DeliveryOutcome } from '@sordino/payments';
import { EGRESS_REFUSED, lookupWithin, mayAsk } from '../egress/guard.ts';

/** A receiver takes the event first and works on it later (Standard Webhooks). */
const ANSWER_TIMEOUT_MS = 15_000;
const NOT_PUBLIC = 'the address is not public';
/** 410: the receiver says that it wants no more. */
const GONE = 410;

export interface PostOptions {
  /** Receivers in the operator's own network: for development, or where the operator alone configures endpoints. */
  readonly allowPrivate: boolean;
  readonly timeoutMs?: number;
  /** Gives up at once. */
  readonly stop?: AbortSignal;
  /** The system's when left out. */
  readonly lookup?: typeof systemLookup;
}

/**
 * Posts one event. The address that the name leads to is looked at in the moment in which it is connected to, so that a name cannot
 * be public when it is checked and private when it is used. No redirect is followed; the answer's body is not read.
 */
export function postWebhook(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  options: PostOptions,
): Promise<DeliveryOutcome> {
  return new Promise((resolve) => {
    const failed = (reason: string): void => resolve({ kind: 'failed', reason });
    const exchange = begin(url, headers, body, options);
    if (typeof exchange === 'string') {
      failed(exchange);
      return;
    }
    const timer = setTimeout(() => {
      failed('no answer in time');
      exchange.destroy();
    }, options.timeoutMs ?? ANSWER_TIMEOUT_MS);
    const stop = (): void => {
      failed('stopped');
      exchange.destroy();
    };
    options.stop?.addEventListener('abort', stop);
    exchange.on('close', () => {
      clearTimeout(timer);
      options.stop?.removeEventListener('abort', stop);
    });
    // The code and not the message: that may name what is inside our network.
    exchange.on('error', ({ code }: NodeJS.ErrnoException) =>
      failed(code === EGRESS_REFUSED ? NOT_PUBLIC : (code ?? 'connection failed')),
    );
    exchange.on('response', ({ statusCode = 0 }) => {
      if (statusCode >= 200 && statusCode < 300) resolve({ kind: 'taken' });
      else if (statusCode === GONE) resolve({ kind: 'gone' });
      else failed(`HTTP ${statusCode}`);
      exchange.destroy();
    });
    exchange.end(body);
  });
}

/** The reason, when nothing can be sent. */
function begin(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  { allowPrivate, lookup = systemLookup }: PostOptions,
): ClientRequest | string {
  const target = new URL(url);
  const reach = allowPrivate ? 'any' : 'public';
  if (!mayAsk(reach, target.hostname)) return NOT_PUBLIC;
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return request(target, {
    method: 'POST',
    agent: false,
    lookup: lookupWithin(reach, lookup),
    headers: {
      ...headers,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'User-Agent': 'Sordino-Webhooks',
      Connection: 'close',
    },
  });
}
