import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';

/** What becomes of a charge, by its amount: nothing else that we choose reaches the service. */
export const AMOUNTS = { approved: 1_000, declined: 2_000, lost: 3_000, refused: 4_000 } as const;

const DECIDED = { charge_id: null, token_id: null, auth_code: null, error_code: null, error_message: null };

/** A service of the merchant's own behind the generic connector, by HTTP and by HTTPS. It is not in the process under search. */
export class MerchantService implements AsyncDisposable {
  readonly charged: { readonly number: string; readonly code: string }[] = [];
  /** Bodies of gateways by name: `/kinds/stripe`. Each is answered with a refusal. */
  readonly named: { readonly kind: string; readonly body: string }[] = [];
  /** Bodies of webhooks, which come to the same place. */
  readonly webhooks: string[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #servers: Server[] = [];

  async listen(tls?: { readonly key: string; readonly cert: string }): Promise<string> {
    const listener: RequestListener = async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      if (request.url === '/webhooks') {
        this.webhooks.push(text);
        response.end();
        return;
      }
      const [, kind] = /^\/kinds\/([a-z_]+)/.exec(request.url ?? '') ?? [];
      if (kind !== undefined) {
        this.named.push({ kind, body: text });
        response.writeHead(400, { 'content-type': 'application/json' }).end('{}');
        return;
      }
      const answer = this.#decide(JSON.parse(text) as Record<string, string>);
      if (answer === 'hang up') request.socket.destroy();
      else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    };
    const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
    server.on('connection', (socket: Socket) => this.#sockets.add(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#servers.push(server);
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the service has no TCP port');
    return `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) {
      server.close();
      await once(server, 'close');
    }
  }

  #decide(body: Record<string, string>): 'hang up' | { readonly status: number; readonly body: string } {
    const answer = (decision: object, status = 200) => ({
      status,
      body: JSON.stringify({ ...DECIDED, ...decision }),
    });
    // Asked for what was lost: it was approved.
    if (body.method === 'status') return answer({ charge_id: 'ch_found', auth_code: 'FOUND' });
    this.charged.push({ number: body.cardnumber ?? '', code: body.cvv ?? '' });
    switch (Math.round(Number(body.amount) * 100)) {
      case AMOUNTS.approved:
        return answer({ charge_id: 'ch_taken', auth_code: 'TAKEN' });
      case AMOUNTS.declined:
        return answer({ error_code: 'insufficient_funds', error_message: 'not enough' });
      case AMOUNTS.lost:
        return 'hang up';
      default:
        return answer({ error_code: 'bad_request', error_message: 'not so' }, 400);
    }
  }
}
