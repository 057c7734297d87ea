import type { SessionObject } from '@sordino/core';
import type { SessionService } from '@sordino/payments';
import { type Request, Router } from 'express';
import { mayCharge } from '../auth/permissions.ts';
import { answering } from '../http/answer.ts';
import { contextOf } from '../http/context.ts';
import { fromService, HttpProblem } from '../http/problem-details.ts';
import { tooLarge, unsupported } from '../http/problems/body-parser.ts';
import { BODY_BYTES_MAX } from '../limits.ts';
import { principalOf } from './sessions.ts';

/** Twilio's names, all of them always; `auth_code` and `session` are ours, and whoever does not know them passes over them. */
interface PayAnswer {
  readonly charge_id: string | null;
  readonly token_id: string | null;
  readonly auth_code: string | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly session: string;
}

/**
 * The generic pay connector, the other way round: somebody else's `<Pay>` has collected a card and has us charge it. The body goes to the service as the
 * bytes that came, and is zero when it is answered.
 */
export function payConnectorRoutes(service: Pick<SessionService, 'pay'>): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.post(
    '/v1/pay_connectors/:connector',
    answering(async (request, response) => {
      const caller = mayCharge(principalOf(response));
      const memory = Buffer.alloc(BODY_BYTES_MAX);
      try {
        const body = await readInto(memory, request);
        const paid = await service.pay(caller, String(request.params.connector), body);
        if (!paid.ok) throw fromService(paid.problem);
        contextOf(response).touched = paid.value.id;
        return { status: 200, body: answerOf(paid.value) };
      } finally {
        memory.fill(0);
      }
    }),
  );
  return router;
}

/** What has come is copied and wiped at once: the stream's own pieces would stay until the garbage is collected, and longer. */
function readInto(memory: Buffer, request: Request): Promise<Uint8Array> {
  if (!request.is('application/json'))
    throw new HttpProblem(unsupported('Send the body as application/json.'));
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw new HttpProblem(unsupported('Send the body without Content-Encoding.'));
  return new Promise((resolve, reject) => {
    let length = 0;
    request.on('data', (piece: Buffer) => {
      if (length + piece.length <= memory.length) piece.copy(memory, length);
      else reject(new HttpProblem(tooLarge()));
      length += piece.length;
      piece.fill(0);
    });
    request.on('end', () => resolve(memory.subarray(0, length)));
    request.on('error', () => reject(CUT_OFF));
    request.on('close', () => reject(CUT_OFF));
  });
}

/** As the JSON parser says it. */
const CUT_OFF = Object.assign(new Error('the body broke off'), { type: 'request.aborted' });

function answerOf({ id, status, intent, result }: SessionObject): PayAnswer {
  const nothing = { charge_id: null, token_id: null, auth_code: null, error_code: null, error_message: null };
  const said = { ...nothing, session: id };
  const error = (error_code: string, error_message: string): PayAnswer => ({
    ...said,
    error_code,
    error_message,
  });
  switch (status) {
    case 'approved': {
      const { auth_code, token } = result;
      return { ...said, charge_id: intent.type === 'tokenize' ? null : id, token_id: token, auth_code };
    }
    case 'declined':
      return error(result.decline_code ?? 'generic_decline', 'the card was declined');
    case 'unknown':
      return error(
        'outcome_unknown',
        'it is not known whether the card was charged: do not take the payment again, ask with the same transaction_id',
      );
    default: {
      const code = result.failure_code ?? status;
      return error(code, `nothing was charged: see /docs/api/errors#${code}`);
    }
  }
}
