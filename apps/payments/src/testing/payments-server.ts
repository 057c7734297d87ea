import { type CreateSessionBody, FAULT_KINDS, type Log, type LogFields, type SessionId } from '@sordino/core';
import { FakeScheduler } from '@sordino/core/testing';
import type { PaymentStore } from '@sordino/payments';
import { createMemoryStore } from '@sordino/store';
import { hashCredential, makeApiKey } from '../auth/keys/key-text.ts';
import { composePayments, type PaymentsDeps } from '../compose.ts';
import type { HttpServer, HttpTimeouts } from '../http/server.ts';
import type { FaultDesk } from '../test-faults/fault-desk.ts';
import { ScriptedAudit } from './scripted-audit.ts';
import { CONNECTORS } from './scripted-connectors.ts';
import { ScriptedPlatforms } from './scripted-platforms.ts';
import { ScriptedService } from './scripted-service.ts';
import { ScriptedWebhooks } from './scripted-webhooks.ts';

/** Faults are armed and never fire. */
const PATIENT_FAULTS: FaultDesk = {
  arm: () => 'armed',
  stateOf: () => 'armed',
  expected: (_session, fault) => FAULT_KINDS[fault].expected,
};

/** Two tenants, and the first one's live mode. */
const random = (count: number) => crypto.getRandomValues(new Uint8Array(count));
export const KEY_A = makeApiKey(false, random);
export const KEY_B = makeApiKey(false, random);
export const KEY_A_LIVE = makeApiKey(true, random);

const API_KEYS = [
  { id: 'key_a', sha256: hashCredential(KEY_A), tenant: 'tnt_a', livemode: false },
  { id: 'key_b', sha256: hashCredential(KEY_B), tenant: 'tnt_b', livemode: false },
  { id: 'key_a_live', sha256: hashCredential(KEY_A_LIVE), tenant: 'tnt_a', livemode: true },
];

export const A_CREATE = {
  call: { platform: 'plt_main', call_id: 'e-91', ani: '+447700900123' },
  intent: { type: 'charge', amount: 4999, currency: 'gbp', reference: 'INV-7' },
} as const satisfies CreateSessionBody;

export interface Call {
  readonly key?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire; each test says what it expects of it
  readonly body: any;
}

interface Logged {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** The whole HTTP edge on a loopback port, over a service that does as told. Answers are held against the OpenAPI document. */
export class PaymentsServer {
  readonly scheduler = new FakeScheduler();
  readonly logged: Logged[] = [];
  readonly store: PaymentStore = createMemoryStore(this.scheduler);
  readonly scripted = new ScriptedService();
  readonly platforms = new ScriptedPlatforms();
  readonly webhooks = new ScriptedWebhooks();
  readonly audited = new ScriptedAudit();
  #http: HttpServer | undefined;
  #close: () => Promise<void> = async () => {};

  static async start(
    more: Partial<PaymentsDeps> & { readonly timeouts?: Partial<HttpTimeouts> } = {},
  ): Promise<PaymentsServer> {
    const server = new PaymentsServer();
    const { timeouts, ...deps } = more;
    const payments = composePayments({
      service: server.scripted,
      store: server.store,
      scheduler: server.scheduler,
      random,
      log: server.#log(),
      apiKeys: API_KEYS,
      platforms: server.platforms,
      webhooks: server.webhooks,
      connectors: CONNECTORS,
      auditEvents: server.audited.list,
      validateResponses: true,
      faults: PATIENT_FAULTS,
      ...deps,
    });
    server.#http = await payments.listen({
      host: '127.0.0.1',
      port: 0,
      timeouts: { closeGraceMs: 100, ...timeouts },
    });
    server.#close = () => payments.close();
    return server;
  }

  /** For tests that share a server: no script, no sessions, nothing logged. Stored answers stay. */
  reset(): void {
    this.scripted.reset();
    this.logged.length = 0;
  }

  get url(): string {
    return this.#http?.url ?? '';
  }

  get port(): number {
    return this.#http?.port ?? 0;
  }

  /** With tenant A's key unless `key` says otherwise; null sends none. */
  async call(method: string, path: string, { key = KEY_A, body, headers = {} }: Call = {}): Promise<Reply> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** A session of tenant A (or of `key`), with its client secret. */
  async aSession(
    key = KEY_A,
    body: unknown = A_CREATE,
  ): Promise<{ readonly id: SessionId; readonly secret: string }> {
    const reply = await this.call('POST', '/v1/sessions', { key, body });
    if (reply.status !== 201)
      throw new Error(`create answered ${reply.status}: ${JSON.stringify(reply.body)}`);
    return { id: reply.body.id, secret: reply.body.client_secret };
  }

  async close(): Promise<void> {
    await this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #log(): Log {
    const at =
      (level: string) =>
      (message: string, fields: LogFields = {}) => {
        this.logged.push({ level, message, fields });
      };
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  }
}
