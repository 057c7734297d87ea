import type { components } from './generated/api.ts';

type ErrorObject = components['schemas']['Problem']['error'];
export type SordinoErrorType = ErrorObject['type'];

/** The API refused. `code` says why; https://…/docs/api/errors of your Sordino has every one of them. */
export class SordinoApiError extends Error {
  override readonly name = 'SordinoApiError';
  readonly status: number;
  readonly type: SordinoErrorType;
  readonly code: string;
  readonly param: string | null;
  readonly session: string | null;
  /** The same request may succeed later. */
  readonly retryable: boolean;
  /** Agent and customer can still talk. */
  readonly callSafe: boolean;
  readonly topology: ErrorObject['topology'];
  readonly leg: string | null;
  readonly sip: ErrorObject['sip'];
  readonly docUrl: string;
  /** Also in Sordino's log: tell it when you ask for help. */
  readonly requestId: string;

  constructor(status: number, error: ErrorObject) {
    super(error.message);
    this.status = status;
    this.type = error.type;
    this.code = error.code;
    this.param = error.param;
    this.session = error.session;
    this.retryable = error.retryable;
    this.callSafe = error.call_safe;
    this.topology = error.topology;
    this.leg = error.leg;
    this.sip = error.sip;
    this.docUrl = error.doc_url;
    this.requestId = error.request_id;
  }
}

/**
 * No answer, or one that is not Sordino's: of a network, a proxy, a timeout. Whether the request was done is not known. `retryable`: sending the same again
 * cannot do it twice, because it only reads or has an idempotency key. The call does not depend on HTTP: people go on talking.
 */
export class SordinoConnectionError extends Error {
  override readonly name = 'SordinoConnectionError';
  readonly code = 'connection_failed';
  readonly callSafe = true;
  readonly retryable: boolean;
  /** The status of whoever answered, if anybody did. */
  readonly status: number | null;

  constructor(message: string, retryable: boolean, status: number | null, cause?: unknown) {
    super(message, { cause });
    this.retryable = retryable;
    this.status = status;
  }
}
