import { type ApiErrorType, refuse } from '@sordino/core';
import type { VelocityKind } from '../velocity/limits.ts';
import type { ServiceProblem } from './service.ts';

type Status = ServiceProblem['httpStatus'];

const problem = (
  httpStatus: Status,
  type: ApiErrorType,
  code: string,
  message: string,
  extra: { readonly param?: string; readonly retryable?: boolean } = {},
) =>
  refuse<ServiceProblem>({
    httpStatus,
    type,
    code,
    message,
    param: extra.param ?? null,
    retryable: extra.retryable ?? false,
  });

/** 400: what the caller sent cannot be taken; `param` names it. */
export const badParam = (param: string, code: string, message: string) =>
  problem(400, 'invalid_request_error', code, message, { param });

/** 404 for what does not exist and for what belongs to somebody else alike (rule 8). */
export const noSuchSession = () =>
  problem(404, 'invalid_request_error', 'no_such_session', 'no session has this id', { param: 'id' });

/** 404: a connector of the other mode does not exist either. */
export const noSuchConnector = () =>
  problem(
    404,
    'invalid_request_error',
    'no_such_connector',
    'No connector of your mode has this id. GET /v1/connectors lists them.',
    {
      param: 'connector',
    },
  );

/** 409: right request, wrong moment. */
export const notNow = (code: string, message: string, retryable = false) =>
  problem(409, 'invalid_request_error', code, message, { retryable });

export const callConflict = (code: string, message: string) => problem(409, 'call_error', code, message);

const IN_COMMON: Readonly<Record<VelocityKind, string>> = {
  caller: 'from this caller number',
  card: 'of this card',
  bin: 'of this kind of card',
  tenant: 'in all',
};

/** 429: too many declined cards have something in common with this one. */
export const cardTesting = (by: VelocityKind) =>
  problem(
    429,
    'rate_limit_error',
    'card_testing_suspected',
    `too many charges ${IN_COMMON[by]} were declined, so none is made for a while: take the payment another way`,
  );

/** 422: the key of a request that was made for something else. */
export const requestReused = () =>
  problem(
    422,
    'idempotency_error',
    'idempotency_key_reused',
    'this Idempotency-Key was used for another amount: use a new one for each step you mean',
  );

/** 422: somebody else's request, by their own name of it. */
export const transactionReused = () =>
  problem(
    422,
    'idempotency_error',
    'transaction_id_reused',
    'this transaction_id was used for another amount, currency, method or connector: use a new one for each payment you mean',
    { param: 'transaction_id' },
  );

/** 503: we cannot, for now; the call is untouched. */
export const busy = (code: string, message: string) =>
  problem(503, 'api_error', code, message, { retryable: true });

/** 503: what is done with cards could not be recorded. */
export const auditUnavailable = () =>
  busy('audit_unavailable', 'the audit trail cannot be written, so no card is taken: tell your operator');

/** 503: the gateway could not be reached, nothing was charged. */
export const gatewayUnreachable = (code: string) =>
  problem(
    503,
    'connector_error',
    code,
    'the payment gateway could not be reached and nothing was done: send it again',
    { retryable: true },
  );
