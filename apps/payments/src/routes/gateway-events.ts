import type { Clock } from '@sordino/core';
import type { SessionService } from '@sordino/payments';
import express, { type RequestHandler, Router } from 'express';
import { contextOf } from '../http/context.ts';
import { HttpProblem } from '../http/problem-details.ts';
import { unsupported } from '../http/problems/body-parser.ts';
import { budget } from '../http/rate-limit.ts';
import { GATEWAY_EVENT_BYTES_MAX, GATEWAY_EVENTS_PER_S, RATE_WINDOW_S } from '../limits.ts';

export interface GatewayEventRoutes {
  readonly service: Pick<SessionService, 'notice'>;
  readonly clock: Clock;
}

/**
 * What gateways send on their own. Nothing but the signature says who it is, so nothing of it is read before that: the bytes go to the
 * connector's reader as they came.
 */
export function gatewayEventRoutes({ service, clock }: GatewayEventRoutes): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const body = express.raw({ type: () => true, limit: GATEWAY_EVENT_BYTES_MAX, inflate: false });
  router.post('/v1/gateway_events/:connector', rateLimited(), onlyPlain, body, async (request, response) => {
    const taken = await service
      .notice(String(request.params.connector), {
        headers: headersOf(request.rawHeaders),
        body: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(),
        nowMs: clock.wallMs(),
      })
      .catch(() => {
        throw new HttpProblem({
          status: 503,
          type: 'api_error',
          code: 'event_not_stored',
          message: 'The event could not be stored. Send it again.',
          retryable: true,
          headers: { 'Retry-After': '5' },
        });
      });
    switch (taken.kind) {
      case 'no_such_connector':
        throw new HttpProblem({
          status: 404,
          type: 'invalid_request_error',
          code: 'no_such_connector',
          message: 'No connector of the configuration has this id and takes events.',
          param: 'connector',
        });
      case 'refused':
        throw refused(taken.code);
      case 'taken': {
        const [session] = taken.sessions;
        if (session !== undefined) contextOf(response).touched = session;
        response.status(200).type('text/plain').send(taken.answer);
      }
    }
  });
  return router;
}

function refused(code: 'bad_signature' | 'too_old' | 'unreadable'): HttpProblem {
  if (code === 'unreadable')
    return new HttpProblem({
      status: 400,
      type: 'invalid_request_error',
      code: 'event_unreadable',
      message: 'The event is signed, and is none that this connector knows.',
    });
  return new HttpProblem({
    status: 401,
    type: 'authentication_error',
    code: 'event_not_believed',
    message:
      'The signature does not fit the body, or is too old: compare the secret of the connector with that of the gateway, and the clocks.',
  });
}

/** A signature is over the bytes as they were made: what is packed is not unpacked. */
const onlyPlain: RequestHandler = (request, _response, next) => {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw new HttpProblem(unsupported('Send the event without Content-Encoding.'));
  next();
};

/** Names in lower case. Of a header that is there twice neither counts: which of the two was signed is not for us to guess. */
function headersOf(raw: readonly string[]): Readonly<Record<string, string | undefined>> {
  const headers = new Map<string, string | undefined>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = String(raw[at]).toLowerCase();
    headers.set(name, headers.has(name) ? undefined : raw[at + 1]);
  }
  return Object.fromEntries(headers);
}

/** By address: forged events of one stranger must not keep out those of a gateway. */
function rateLimited(): RequestHandler {
  const spend = budget(
    GATEWAY_EVENTS_PER_S,
    (points) =>
      `More than ${points} events in ${RATE_WINDOW_S} s from this address. Wait as Retry-After says.`,
  );
  return (request, _response, next) => spend(request.socket.remoteAddress ?? '', next);
}
