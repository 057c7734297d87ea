import { Ajv2020 } from 'ajv/dist/2020.js';
import { lazySchemas } from '../gateways/lazy-schemas.ts';
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

const schemaOf = (name: string): object => ({ $ref: `sandbox#/components/schemas/${name}` });
const schemas = lazySchemas(
  {
    ...{ ChargeRequest: schemaOf('ChargeRequest'), Charge: schemaOf('Charge') },
    ...{ StepRequest: schemaOf('StepRequest'), Step: schemaOf('Step') },
    ...{ Error: schemaOf('Error'), Reference: schemaOf('Reference') },
  },
  () =>
    new Ajv2020({ strict: false, allErrors: false }).addSchema({
      $id: 'sandbox',
      ...SANDBOX_GATEWAY_OPENAPI,
    }),
);

/** The request in `body`, or a refusal that says where it is wrong. No value of the body is repeated: it holds a card. */
export const readChargeRequest = (body: string): ChargeRequest =>
  readBody<ChargeRequest>(body, 'ChargeRequest');
export const readStepRequest = (body: string): StepRequest => readBody<StepRequest>(body, 'StepRequest');

function readBody<T>(body: string, schema: 'ChargeRequest' | 'StepRequest'): T {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new GatewayRefusal(400, 'invalid_json', 'the body is not JSON');
  }
  const isOne = schemas(schema);
  if (isOne?.(parsed)) return parsed as T;
  const [wrong] = isOne?.errors ?? [];
  const where = wrong?.instancePath === '' ? 'the body' : wrong?.instancePath;
  throw new GatewayRefusal(400, 'invalid_request', `${where} ${wrong?.message}`);
}

export function readReference(value: unknown, name: string): string {
  if (schemas('Reference')?.(value)) return value as string;
  throw new GatewayRefusal(
    400,
    'invalid_request',
    `${name} is missing, or is not 1 to 128 printable characters`,
  );
}

/** The simulator keeps to its own description: an answer that does not is a bug here, and must not look like one of ours. */
export function checkedAnswer<T extends ChargeAnswer | StepAnswer | ErrorAnswer>(answer: T): T {
  if (['Charge', 'Step', 'Error'].some((name) => schemas(name)?.(answer))) return answer;
  throw new Error('the simulated gateway made an answer that its own description does not allow');
}
