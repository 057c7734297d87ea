import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { delayMsOf, type GatewayFault, readFaultPlan } from './faults.ts';
import { GatewayLedger, type LedgerReport } from './ledger.ts';
import { BODY_BYTES_MAX, SANDBOX_GATEWAY_OPENAPI } from './openapi.ts';
import { PayConnector } from './pay-connector.ts';
import { checkedAnswer, GatewayRefusal, readChargeRequest, readReference } from './protocol.ts';

export interface GatewaySimulatorOptions {
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** `whsec_…`: also serves the generic HTTPS connector, at `/pay`. */
  readonly paySecret?: string;
  /** Faults of the first charge requests. */
  readonly faults?: readonly GatewayFault[];
}

export interface GatewaySimulator {
  /** e.g. http://127.0.0.1:40123 */
  readonly url: string;
  ledger(): LedgerReport;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly fault?: GatewayFault | undefined;
}

/** Starts the sandbox card gateway of `SANDBOX_GATEWAY_OPENAPI`, with `/__sim/faults` and `/__sim/ledger` beside it. */
export async function startGatewaySimulator(
  options: GatewaySimulatorOptions = {},
): Promise<GatewaySimulator> {
  const { host = '127.0.0.1', port = 0 } = options;
  const desk = new GatewayDesk(options.faults ?? [], options.paySecret);
  const server = createServer((request, response) => void desk.serve(request, response));
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the gateway simulator has no TCP port');
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const hostInUrl = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${hostInUrl}:${address.port}`,
    ledger: () => desk.ledger.report(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

class GatewayDesk {
  readonly ledger = new GatewayLedger();
  readonly #pay: PayConnector | undefined;
  readonly #faults: { next: GatewayFault[]; lookups: GatewayFault[] };

  constructor(faults: readonly GatewayFault[], paySecret: string | undefined) {
    this.#faults = { next: [...faults], lookups: [] };
    this.#pay = paySecret === undefined ? undefined : new PayConnector(paySecret, this.ledger);
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.#answer(request);
      if (answer.fault !== undefined) return await misbehave(answer.fault, answer, response);
      send(response, answer);
    } catch (error) {
      if (!(error instanceof GatewayRefusal)) {
        return send(response, refusal(500, 'simulator_error', 'the simulated gateway failed'));
      }
      if (/^\/(?:v1\/|pay$)/.test(request.url ?? '')) this.ledger.refused();
      send(response, refusal(error.status, error.code, error.message));
    }
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? '/', 'http://gateway');
    switch (`${request.method} ${url.pathname}`) {
      case 'POST /v1/charges':
        return await this.#charge(request);
      case 'GET /v1/charges':
        return this.#lookUp(url);
      case 'POST /pay':
        return await this.#payFor(request, url);
      case 'GET /openapi.json':
        return { status: 200, body: SANDBOX_GATEWAY_OPENAPI };
      case 'GET /__sim/ledger':
        return { status: 200, body: this.ledger.report() };
      case 'POST /__sim/faults': {
        const plan = readFaultPlan(await bodyOf(request));
        this.#faults.next = [...plan.next];
        this.#faults.lookups = [...plan.lookups];
        return { status: 200, body: plan };
      }
      default:
        throw new GatewayRefusal(404, 'no_such_route', `there is no ${request.method} ${url.pathname} here`);
    }
  }

  async #charge(request: IncomingMessage): Promise<Answer> {
    const fault = this.#faults.next.shift();
    if (fault === 'drop_before') return { status: 0, body: {}, fault };
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      throw new GatewayRefusal(400, 'invalid_request', 'Content-Type must be application/json');
    }
    const key = readReference(request.headers['idempotency-key'], 'the header Idempotency-Key');
    const charge = readChargeRequest(await bodyOf(request));
    if (charge.reference !== key) {
      throw new GatewayRefusal(400, 'reference_mismatch', '/reference must equal the header Idempotency-Key');
    }
    return { status: 200, body: checkedAnswer(this.ledger.charge(charge, Date.now())), fault };
  }

  /** The generic connector has one address: what is asked stands in the body. */
  async #payFor(request: IncomingMessage, { pathname }: URL): Promise<Answer> {
    if (this.#pay === undefined)
      throw new GatewayRefusal(404, 'no_such_route', `there is no POST ${pathname} here`);
    const body = await bodyOf(request);
    const faults = body.includes('"method":"status"') ? this.#faults.lookups : this.#faults.next;
    const fault = faults.shift();
    if (fault === 'drop_before') return { status: 0, body: {}, fault };
    return { status: 200, body: this.#pay.answer(request.headers, body, Date.now()), fault };
  }

  #lookUp(url: URL): Answer {
    const fault = this.#faults.lookups.shift();
    const found = this.ledger.find(readReference(url.searchParams.get('reference'), 'the query "reference"'));
    if (found === undefined) return { ...refusal(404, 'not_found', 'no charge has this reference'), fault };
    return { status: 200, body: found, fault };
  }
}

function refusal(status: number, code: string, message: string): Answer {
  return { status, body: checkedAnswer({ error: { code, message } }) };
}

function send(response: ServerResponse, answer: Answer): void {
  const body = JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

async function misbehave(fault: GatewayFault, answer: Answer, response: ServerResponse): Promise<void> {
  switch (fault) {
    case 'drop_before':
    case 'drop_after':
      response.socket?.destroy();
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case '500_after_commit':
      send(response, refusal(500, 'internal_error', 'the gateway failed after the charge was made'));
      return;
    case 'half_body': {
      const body = JSON.stringify(answer.body);
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        'content-length': body.length,
      });
      response.write(body.slice(0, body.length / 2), () => response.socket?.destroy());
      return;
    }
    default: {
      await new Promise((resume) => setTimeout(resume, delayMsOf(fault)));
      if (!response.destroyed) send(response, answer);
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX)
      throw new GatewayRefusal(400, 'body_too_large', `the body exceeds ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
