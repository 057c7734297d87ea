import type { IncomingHttpHeaders } from 'node:http';
import { Webhook } from 'standardwebhooks';
import type { GatewayLedger } from './ledger.ts';
import {
  type ChargeAnswer,
  GatewayRefusal,
  readChargeRequest,
  readReference,
  readStepRequest,
  type StepKind,
  type StepRequest,
} from './protocol.ts';

/** What the merchant's own service answers in the generic connector's protocol: always all of it. */
export interface PayAnswer {
  readonly charge_id: string | null;
  readonly token_id: string | null;
  readonly auth_code: string | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
}

const NOTHING: PayAnswer = {
  ...{ charge_id: null, token_id: null, auth_code: null },
  ...{ error_code: null, error_message: null },
};

const STEPS: Readonly<Record<string, StepKind>> = { capture: 'settle', void: 'void', refund: 'refund' };

const NOT_FOUND: PayAnswer = {
  ...NOTHING,
  error_code: 'not_found',
  error_message: 'no such transaction',
};

/** Currencies whose money has no parts, of those that the tests use; all others have two places here. */
const WITHOUT_PARTS = new Set(['jpy']);

/** A merchant's service behind the generic connector: verifies as its library does, and charges by the same ledger as the sandbox. */
export class PayConnector {
  readonly #verify: Webhook;
  readonly #ledger: GatewayLedger;

  constructor(secret: string, ledger: GatewayLedger) {
    this.#verify = new Webhook(secret);
    this.#ledger = ledger;
  }

  answer(headers: IncomingHttpHeaders, body: string, nowUnixMs: number): PayAnswer {
    const request = this.#verified(headers, body);
    const reference = readReference(request.transaction_id, '/transaction_id');
    if (request.method === 'status') {
      const known = this.#ledger.find(reference);
      return known === undefined ? NOT_FOUND : answerOf(known);
    }
    const { amount, currency_code, description, method } = request;
    const step = STEPS[String(method)];
    if (step !== undefined)
      return this.#step(step, String(request.charge_id), {
        reference,
        amount: minorUnits(String(amount), String(currency_code)) ?? 0,
      });
    // Held against the schema of the sandbox: what a charge is, is the same for both.
    const charge = readChargeRequest(
      JSON.stringify({
        ...{ reference, type: method, currency: currency_code, merchant_reference: description },
        amount: minorUnits(String(amount), String(currency_code)),
        moto: (request.parameters as { moto?: unknown } | undefined)?.moto,
        card: {
          number: request.cardnumber,
          exp_month: request.expiry_month,
          exp_year: request.expiry_year,
          cvc: request.cvv,
          postal_code: request.postal_code,
        },
      }),
    );
    return answerOf(this.#ledger.charge(charge, nowUnixMs));
  }

  /** A step that cannot be is a 200 with an error code, as a decline is. */
  #step(kind: StepKind, chargeId: string, request: StepRequest): PayAnswer {
    try {
      const { id } = this.#ledger.step(kind, chargeId, readStepRequest(JSON.stringify(request)));
      return { ...NOTHING, charge_id: id };
    } catch (error) {
      if (!(error instanceof GatewayRefusal)) throw error;
      return { ...NOTHING, error_code: error.code, error_message: error.message };
    }
  }

  #verified(headers: IncomingHttpHeaders, body: string): Record<string, unknown> {
    try {
      return this.#verify.verify(body, headers as Record<string, string>) as Record<string, unknown>;
    } catch {
      throw new GatewayRefusal(401, 'bad_signature', 'the signature does not fit the request');
    }
  }
}

function answerOf(answer: ChargeAnswer): PayAnswer {
  if (answer.status === 'declined')
    return {
      ...{ charge_id: null, token_id: null, auth_code: null },
      error_code: answer.decline_code,
      error_message: 'declined by the issuer',
    };
  const { id, token, auth_code } = answer;
  return {
    charge_id: token === null ? id : null,
    token_id: token,
    ...{ auth_code, error_code: null, error_message: null },
  };
}

/** `49.99` is 4999 pence; exactly as many places as the currency has, or it is refused by the schema. */
function minorUnits(text: string, currency: string): number | null {
  const places = WITHOUT_PARTS.has(currency) ? 0 : 2;
  const [, whole, part = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  return whole === undefined || part.length !== places ? null : Number(whole + part);
}
