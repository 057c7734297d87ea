import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { delayMsOf, type FaultPlan, type GatewayFault, NO_FAULTS, readFaultPlan } from './faults.ts';
import { NoticeSender } from './notices.ts';
import { BODY_BYTES_MAX } from './openapi.ts';
import { GatewayRefusal } from './protocol.ts';

export interface GatewayRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface GatewayReply {
  readonly status: number;
  /** JSON, or a text as it is. */
  readonly body: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What one simulated gateway is besides its socket, its faults and its notices. */
export interface GatewayDesk {
  /** Which list of faults a request takes from: `next` moves money, `lookups` asks, undefined is neither. */
  faultsOf(request: GatewayRequest): 'next' | 'lookups' | undefined;
  /** Throws `GatewayRefusal` for what the gateway would refuse. `fault`: what will become of the answer, for gateways that save it. */
  answer(request: GatewayRequest, fault?: GatewayFault): GatewayReply | Promise<GatewayReply>;
  /** The gateway's own shape of an error. */
  refusal(status: number, code: string, message: string): GatewayReply;
  /** What really happened to money, shown at `GET /__sim/ledger`. */
  report(): object;
}

export interface GatewayServerOptions {
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  readonly faults?: readonly GatewayFault[];
  /** Where the gateway sends its notices; none when left out. */
  readonly noticesTo?: string;
}

export interface GatewayServer extends AsyncDisposable {
  /** e.g. http://127.0.0.1:40123 */
  readonly url: string;
  readonly notices: NoticeSender;
  plan(plan: Partial<FaultPlan>): void;
  close(): Promise<void>;
}

/**
 * The socket of every simulated gateway: reads the request, takes its fault, lets the desk answer, misbehaves. `POST /__sim/faults` and
 * `GET /__sim/ledger` are beside it.
 */
export async function serveGateway(
  desk: (notices: NoticeSender) => GatewayDesk,
  options: GatewayServerOptions = {},
): Promise<GatewayServer> {
  const { host = '127.0.0.1', port = 0 } = options;
  const notices = new NoticeSender(options.noticesTo);
  const counter = new Counter(desk(notices), notices, { ...NO_FAULTS, next: options.faults ?? [] });
  const server = createServer((request, response) => void counter.serve(request, response));
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the gateway simulator has no TCP port');
  const close = async (): Promise<void> => {
    notices.close();
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const hostInUrl = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${hostInUrl}:${address.port}`,
    notices,
    plan: (plan) => counter.plan(plan),
    close,
    [Symbol.asyncDispose]: close,
  };
}

class Counter {
  readonly #desk: GatewayDesk;
  readonly #notices: NoticeSender;
  #faults: { next: GatewayFault[]; lookups: GatewayFault[] } = { next: [], lookups: [] };

  constructor(desk: GatewayDesk, notices: NoticeSender, plan: FaultPlan) {
    this.#desk = desk;
    this.#notices = notices;
    this.plan(plan);
  }

  plan({ next, lookups, notices }: Partial<FaultPlan>): void {
    this.#faults = { next: [...(next ?? [])], lookups: [...(lookups ?? [])] };
    if (notices !== undefined) this.#notices.plan(notices);
  }

  async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let fault: GatewayFault | undefined;
    const reply = await this.#reply(incoming, (taken) => {
      fault = taken;
    }).catch((error: unknown) =>
      error instanceof GatewayRefusal
        ? this.#desk.refusal(error.status, error.code, error.message)
        : this.#desk.refusal(500, 'simulator_error', 'the simulated gateway failed'),
    );
    if (fault === undefined) send(response, reply);
    else
      await misbehave(fault, reply, response, () => this.#desk.refusal(500, 'internal_error', AFTER_COMMIT));
  }

  async #reply(
    incoming: IncomingMessage,
    take: (fault: GatewayFault | undefined) => void,
  ): Promise<GatewayReply> {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://gateway');
    const { method = 'GET', headers } = incoming;
    const request = { method, path: pathname, query: searchParams, headers, body: await bodyOf(incoming) };
    const own = this.#ownReply(request);
    if (own !== undefined) return own;
    const list = this.#desk.faultsOf(request);
    const fault = list === undefined ? undefined : this.#faults[list].shift();
    take(fault);
    return fault === 'drop_before' ? { status: 0, body: '' } : await this.#desk.answer(request, fault);
  }

  #ownReply({ method, path, body }: GatewayRequest): GatewayReply | undefined {
    if (method === 'GET' && path === '/__sim/ledger') return { status: 200, body: this.#desk.report() };
    if (method !== 'POST' || path !== '/__sim/faults') return undefined;
    const plan = readFaultPlan(body);
    this.plan(plan);
    return { status: 200, body: plan };
  }
}

const AFTER_COMMIT = 'the gateway failed after the charge was made';

const textOf = ({ body }: GatewayReply): string => (typeof body === 'string' ? body : JSON.stringify(body));

function send(response: ServerResponse, reply: GatewayReply): void {
  const body = textOf(reply);
  response.writeHead(reply.status, {
    'content-type': 'application/json',
    ...reply.headers,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

async function misbehave(
  fault: GatewayFault,
  reply: GatewayReply,
  response: ServerResponse,
  failure: () => GatewayReply,
): Promise<void> {
  switch (fault) {
    case 'drop_before':
    case 'drop_after':
      response.socket?.destroy();
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case '500_after_commit':
      send(response, failure());
      return;
    case 'half_body': {
      const body = textOf(reply);
      response.writeHead(reply.status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      });
      response.write(body.slice(0, body.length / 2), () => response.socket?.destroy());
      return;
    }
    default: {
      await new Promise((resume) => setTimeout(resume, delayMsOf(fault)));
      if (!response.destroyed) send(response, reply);
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
