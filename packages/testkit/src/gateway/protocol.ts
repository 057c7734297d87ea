import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { SANDBOX_GATEWAY_OPENAPI } from './openapi.ts';

/** Body of `POST /v1/charges`. */
export interface ChargeRequest {
  readonly reference: string;
  readonly type: 'charge' | 'authorize' | 'tokenize';
  readonly amount: number | null;
  readonly currency: string | null;
  readonly merchant_reference: string | null;
  readonly moto: boolean;
  /** One of the two. */
  readonly card?: {
    readonly number: string;
    readonly exp_month: string;
    readonly exp_year: string;
    readonly cvc: string | null;
    readonly postal_code: string | null;
  };
  readonly bank_account?: { readonly routing: string; readonly account: string };
}

export type DeclineCode = 'generic_decline' | 'insufficient_funds' | 'expired_card' | 'incorrect_cvc';

/** What the gateway decided; asked again, it says the same. */
export type ChargeAnswer =
  | {
      readonly id: string;
      readonly status: 'approved';
      readonly auth_code: string;
      readonly token: string | null;
    }
  | { readonly id: string; readonly status: 'declined'; readonly decline_code: DeclineCode };

export type StepKind = 'settle' | 'void' | 'refund';

/** Body of `POST /v1/charges/{id}/{step}`. */
export interface StepRequest {
  readonly reference: string;
  /** Minor units. */
  readonly amount: number;
}

export interface StepAnswer {
  readonly id: string;
  readonly status: 'done';
}

export interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string };
}

/** A request that the protocol does not know: answered with this status, nothing done. */
export class GatewayRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'GatewayRefusal';
    this.status = status;
    this.code = code;
  }
}

const ajv = new Ajv2020({ strict: false, allErrors: false });
ajv.addSchema({ $id: 'sandbox', ...SANDBOX_GATEWAY_OPENAPI });

function validator<T>(schema: string): ValidateFunction<T> {
  return ajv.compile<T>({ $ref: `sandbox#/components/schemas/${schema}` });
}

const isChargeRequest = validator<ChargeRequest>('ChargeRequest');
const isCharge = validator<ChargeAnswer>('Charge');
const isStepRequest = validator<StepRequest>('StepRequest');
const isStep = validator<StepAnswer>('Step');
const isError = validator<ErrorAnswer>('Error');
const isReference = validator<string>('Reference');

/** The request in `body`, or a refusal that says where it is wrong. No value of the body is repeated: it holds a card. */
export const readChargeRequest = (body: string): ChargeRequest => readBody(body, isChargeRequest);
export const readStepRequest = (body: string): StepRequest => readBody(body, isStepRequest);

function readBody<T>(body: string, isOne: ValidateFunction<T>): T {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new GatewayRefusal(400, 'invalid_json', 'the body is not JSON');
  }
  if (isOne(parsed)) return parsed;
  const [wrong] = isOne.errors ?? [];
  const where = wrong?.instancePath === '' ? 'the body' : wrong?.instancePath;
  throw new GatewayRefusal(400, 'invalid_request', `${where} ${wrong?.message}`);
}

export function readReference(value: unknown, name: string): string {
  if (isReference(value)) return value;
  throw new GatewayRefusal(
    400,
    'invalid_request',
    `${name} is missing, or is not 1 to 128 printable characters`,
  );
}

/** The simulator keeps to its own description: an answer that does not is a bug here, and must not look like one of ours. */
export function checkedAnswer<T extends ChargeAnswer | StepAnswer | ErrorAnswer>(answer: T): T {
  if (isCharge(answer) || isStep(answer) || isError(answer)) return answer;
  throw new Error('the simulated gateway made an answer that its own description does not allow');
}
