import type { Problem } from '../problem-details.ts';

/** As express-openapi-validator throws it. */
interface ValidatorError {
  readonly status: number;
  readonly errors: readonly {
    readonly path: string;
    readonly message: string;
    readonly errorCode?: string;
  }[];
  readonly headers?: Readonly<Record<string, string>>;
}

const UNPRINTABLE = '(unknown)';
const CARD_RULE =
  'must be text without a run of 13 or more digits (no field of this API takes a card number)';

/** What the OpenAPI document refuses. Messages name the place and the rule, never what was sent. */
export function validatorProblem(error: unknown): Problem | undefined {
  if (!isValidatorError(error)) return undefined;
  if (error.status === 404) return unknownRoute();
  if (error.status === 405) return { ...notAllowed(), ...(error.headers && { headers: error.headers }) };
  // A body of another type was refused before (app.ts), so here there is none.
  if (error.status === 415) return bodyMissing();
  if (error.status !== 400) return undefined;
  const first = error.errors[0];
  const place = first ? placeOf(first.path) : { param: null, where: 'the request' };
  if (place.where === 'path' && place.param === 'id') return noSuchSession();
  if (place.where === 'path' && place.param === 'platform') return noSuchPlatform();
  if (place.where === 'path' && place.param === 'endpoint') return noSuchWebhookEndpoint();
  if (place.where === 'path' && place.param === 'connector') return noSuchConnector();
  if (place.where === 'path' && place.param === 'key') return noSuchApiKey();
  if (place.param === 'idempotency-key' && first?.errorCode?.startsWith('required'))
    return {
      status: 400,
      type: 'idempotency_error',
      code: 'idempotency_key_required',
      message:
        'Send an Idempotency-Key header with a value of your own, new for each payment and the same when you repeat it.',
      param: 'Idempotency-Key',
    };
  const rule = first ? ruleOf(first, place) : 'is not valid';
  return {
    status: 400,
    type: 'invalid_request_error',
    code: 'invalid_parameter',
    message: `${place.param ?? 'The body'} (${place.where}) ${rule}. See /openapi.yaml.`,
    param: place.param,
  };
}

export function unknownRoute(): Problem {
  return {
    status: 404,
    type: 'invalid_request_error',
    code: 'unknown_route',
    message: 'There is nothing at this path. The API is described in /openapi.yaml.',
  };
}

/** As the session service says it: an id that cannot exist is one that does not. */
export function noSuchSession(): Problem {
  return {
    status: 404,
    type: 'invalid_request_error',
    code: 'no_such_session',
    message: 'no session has this id',
    param: 'id',
  };
}

export function noSuchPlatform(): Problem {
  return {
    status: 404,
    type: 'invalid_request_error',
    code: 'no_such_platform',
    message: 'No platform of the configuration has this id. GET /v1/platforms lists them.',
    param: 'platform',
  };
}

export function noSuchWebhookEndpoint(): Problem {
  return {
    status: 404,
    type: 'invalid_request_error',
    code: 'no_such_webhook_endpoint',
    message: 'No webhook endpoint of your tenant and mode has this id. GET /v1/webhook_endpoints lists them.',
    param: 'endpoint',
  };
}

export function noSuchConnector(): Problem {
  return {
    status: 404,
    type: 'invalid_request_error',
    code: 'no_such_connector',
    message: 'No connector of your mode has this id. GET /v1/connectors lists them.',
    param: 'connector',
  };
}

export function noSuchApiKey(): Problem {
  return {
    status: 404,
    type: 'invalid_request_error',
    code: 'no_such_api_key',
    message: 'No API key of your tenant and mode has this id. GET /v1/api_keys lists them.',
    param: 'key',
  };
}

function bodyMissing(): Problem {
  return {
    status: 400,
    type: 'invalid_request_error',
    code: 'body_missing',
    message: 'This call needs a body. Send one JSON object as application/json. See /openapi.yaml.',
  };
}

function notAllowed(): Problem {
  return {
    status: 405,
    type: 'invalid_request_error',
    code: 'method_not_allowed',
    message: 'This path does not take this method. The API is described in /openapi.yaml.',
  };
}

/** `/body/intent/amount` becomes `intent.amount`. */
function placeOf(path: string): { readonly param: string | null; readonly where: string } {
  const [, first = '', ...rest] = path.split('/');
  const where = { body: 'body', query: 'query', params: 'path', headers: 'header' }[first] ?? 'request';
  const names = rest.map(printable);
  return { param: names.length > 0 ? names.join('.') : null, where };
}

/** A name may come from the request: shown only if it looks like a name and cannot be a card number. */
function printable(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]{0,63}$|^[0-9]{1,3}$/.test(name) && !/[0-9]{7}/.test(name)
    ? name
    : '(unknown)';
}

/** The validator's own words, except where they quote the request or a regular expression. */
function ruleOf(
  error: ValidatorError['errors'][number],
  place: { param: string | null; where: string },
): string {
  if (place.param?.includes(UNPRINTABLE) || error.message.startsWith('Unknown query'))
    return 'is not known to this call';
  if (place.where === 'body' && error.errorCode?.startsWith('pattern')) return patternRule(place.param);
  return error.message;
}

function patternRule(param: string | null): string {
  if (param?.endsWith('currency')) return 'must be an ISO 4217 code in lower case, such as gbp';
  if (param?.endsWith('ani')) return 'must be a number in E.164 form, such as +447700900123';
  if (/call_id$|_tag$/.test(param ?? '')) return 'must be 1 to 255 printable characters without spaces';
  if (/platform$|connector$/.test(param ?? '')) return 'must be a name from the configuration';
  if (param?.endsWith('return_uri'))
    return 'must be a SIP URI without a run of 13 or more digits; {call_id} stands for call.call_id';
  return CARD_RULE;
}

function isValidatorError(error: unknown): error is ValidatorError {
  return (
    typeof error === 'object' &&
    error !== null &&
    'status' in error &&
    typeof error.status === 'number' &&
    'errors' in error &&
    Array.isArray(error.errors)
  );
}
