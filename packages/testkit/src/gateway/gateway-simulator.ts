import type { GatewayFault } from './faults.ts';
import { GatewayLedger, type LedgerReport } from './ledger.ts';
import { SANDBOX_GATEWAY_OPENAPI } from './openapi.ts';
import { PayConnector } from './pay-connector.ts';
import {
  checkedAnswer,
  GatewayRefusal,
  readChargeRequest,
  readReference,
  readStepRequest,
  type StepKind,
} from './protocol.ts';
import {
  type GatewayDesk,
  type GatewayReply,
  type GatewayRequest,
  type GatewayServer,
  type GatewayServerOptions,
  serveGateway,
} from './server.ts';

export interface GatewaySimulatorOptions extends GatewayServerOptions {
  /** `whsec_…`: also serves the generic HTTPS connector, at `/pay`. */
  readonly paySecret?: string;
  /** Faults of the first charge requests. */
  readonly faults?: readonly GatewayFault[];
}

export interface GatewaySimulator extends GatewayServer {
  ledger(): LedgerReport;
}

/** Starts the sandbox card gateway of `SANDBOX_GATEWAY_OPENAPI`. */
export async function startGatewaySimulator(
  options: GatewaySimulatorOptions = {},
): Promise<GatewaySimulator> {
  const desk = new SandboxDesk(options.paySecret);
  const server = await serveGateway(() => desk, options);
  return { ...server, ledger: () => desk.report() };
}

const STEP = /^\/v1\/charges\/(ch_[0-9a-z]+)\/(settle|void|refund)$/;

class SandboxDesk implements GatewayDesk {
  readonly #ledger = new GatewayLedger();
  readonly #pay: PayConnector | undefined;

  constructor(paySecret: string | undefined) {
    this.#pay = paySecret === undefined ? undefined : new PayConnector(paySecret, this.#ledger);
  }

  /** The generic connector has one address: what is asked stands in the body. */
  faultsOf({ method, path, body }: GatewayRequest): 'next' | 'lookups' | undefined {
    if (path === '/pay') return body.includes('"method":"status"') ? 'lookups' : 'next';
    if (STEP.test(path)) return 'next';
    if (path !== '/v1/charges') return undefined;
    return method === 'POST' ? 'next' : 'lookups';
  }

  answer(request: GatewayRequest): GatewayReply {
    try {
      return this.#answer(request);
    } catch (error) {
      if (error instanceof GatewayRefusal && /^\/(?:v1\/|pay$)/.test(request.path)) this.#ledger.refused();
      throw error;
    }
  }

  refusal(status: number, code: string, message: string): GatewayReply {
    return { status, body: checkedAnswer({ error: { code, message } }) };
  }

  report(): LedgerReport {
    return this.#ledger.report();
  }

  #answer(request: GatewayRequest): GatewayReply {
    const { method, path, headers, body } = request;
    const [, chargeId = '', step] = STEP.exec(path) ?? [];
    if (step !== undefined && method === 'POST') return this.#step(request, chargeId, step as StepKind);
    switch (`${method} ${path}`) {
      case 'POST /v1/charges':
        return this.#charge(request);
      case 'GET /v1/charges':
        return this.#lookUp(request);
      case 'GET /openapi.json':
        return { status: 200, body: SANDBOX_GATEWAY_OPENAPI };
      case 'POST /pay':
        if (this.#pay !== undefined)
          return { status: 200, body: this.#pay.answer(headers, body, Date.now()) };
    }
    throw new GatewayRefusal(404, 'no_such_route', `there is no ${method} ${path} here`);
  }

  #charge(request: GatewayRequest): GatewayReply {
    const charge = withItsKey(request, readChargeRequest);
    return { status: 200, body: checkedAnswer(this.#ledger.charge(charge, Date.now())) };
  }

  #step(request: GatewayRequest, chargeId: string, kind: StepKind): GatewayReply {
    const step = withItsKey(request, readStepRequest);
    return { status: 200, body: checkedAnswer(this.#ledger.step(kind, chargeId, step)) };
  }

  #lookUp({ query }: GatewayRequest): GatewayReply {
    const found = this.#ledger.find(readReference(query.get('reference'), 'the query "reference"'));
    return found === undefined
      ? this.refusal(404, 'not_found', 'no charge has this reference')
      : { status: 200, body: found };
  }
}

/** The body, of which the header says the reference too. */
function withItsKey<Body extends { readonly reference: string }>(
  { headers, body }: GatewayRequest,
  read: (body: string) => Body,
): Body {
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) {
    throw new GatewayRefusal(400, 'invalid_request', 'Content-Type must be application/json');
  }
  const key = readReference(headers['idempotency-key'], 'the header Idempotency-Key');
  const asked = read(body);
  if (asked.reference !== key) {
    throw new GatewayRefusal(400, 'reference_mismatch', '/reference must equal the header Idempotency-Key');
  }
  return asked;
}
