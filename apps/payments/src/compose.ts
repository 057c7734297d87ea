import { get } from 'node:http';
import type { ConnectorObject, Log, RandomBytes, Scheduler } from '@sordino/core';
import type { PaymentStore, SessionService } from '@sordino/payments';
import type { Express } from 'express';
import { AgentTokens } from './auth/agent-tokens.ts';
import { ApiKeys } from './auth/keys/api-keys.ts';
import type { ApiKeyRecord } from './auth/keys/key-record.ts';
import { type KeyShelf, memoryKeyShelf } from './auth/keys/key-shelf.ts';
import { type ApiAccess, buildApp } from './http/app.ts';
import { EventStreams } from './http/event-stream.ts';
import type { PageMount } from './http/pages.ts';
import type { RateLimits } from './http/rate-limit.ts';
import { type HttpServer, type HttpTimeouts, startHttp } from './http/server.ts';
import { Idempotency } from './idempotency/idempotency.ts';
import { AGENT_TOKEN_SECRET_BYTES, API_KEY_REQUESTS_PER_S, PAGE_REQUESTS_PER_S } from './limits.ts';
import { agentTokenRoutes } from './routes/agent-tokens.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { type AuditLister, auditEventRoutes } from './routes/audit-events.ts';
import { connectorRoutes } from './routes/connectors.ts';
import type { AuditReader } from './routes/evidence.ts';
import { gatewayEventRoutes } from './routes/gateway-events.ts';
import { healthRoutes } from './routes/health.ts';
import { payConnectorRoutes } from './routes/pay-connectors.ts';
import { type PlatformDesk, platformRoutes } from './routes/platforms.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { testFaultRoutes } from './routes/test-faults.ts';
import { NO_WEBHOOKS, type WebhookDesk, webhookEndpointRoutes } from './routes/webhook-endpoints.ts';
import type { FaultDesk } from './test-faults/fault-desk.ts';
import { TestFaults } from './test-faults/test-faults.ts';

export interface PaymentsDeps {
  readonly service: SessionService;
  readonly store: Pick<PaymentStore, 'answer' | 'commit'>;
  readonly scheduler: Scheduler;
  readonly random: RandomBytes;
  readonly log: Log;
  /** As hashes; throws when one is none. */
  readonly apiKeys: readonly ApiKeyRecord[];
  /** Where keys are kept that the API makes; left out: in memory, and gone with the process. */
  readonly keyShelf?: KeyShelf;
  /** Agents' tokens are sealed with it, so they live as long as it does; left out: as the process. */
  readonly agentTokenSecret?: Uint8Array;
  /** None when left out. */
  readonly connectors?: readonly ConnectorObject[];
  /** None when left out. */
  readonly platforms?: PlatformDesk;
  /** None when left out. */
  readonly webhooks?: WebhookDesk;
  /** Why no new session should come here now; `/readyz` says it. */
  readonly notReadyBecause?: () => readonly string[];
  /** Failures that test keys may rehearse; absent: none. */
  readonly faults?: FaultDesk | undefined;
  readonly mounts?: readonly PageMount[];
  /** Origins of other pages that may call the API, such as `https://desk.example`. None when left out. */
  readonly allowedOrigins?: readonly string[];
  /** Told of every request under `/v1`. */
  readonly audit?: (access: ApiAccess) => void;
  /** What the trail has of a session. */
  readonly auditOf?: AuditReader;
  /** What the trail has of a tenant; left out: nothing. */
  readonly auditEvents?: AuditLister;
  /** Requests a second by credential. */
  readonly rates?: Partial<RateLimits>;
  /** Hold answers against the OpenAPI document too: for tests. */
  readonly validateResponses?: boolean;
  /** And the document itself; left out: as the answers. */
  readonly validateDocument?: boolean;
}

export interface PaymentsApp {
  readonly app: Express;
  /** Once. Rejects when the port is taken. */
  listen(at: { host: string; port: number; timeouts?: Partial<HttpTimeouts> }): Promise<HttpServer>;
  /** Ends event streams, lets running answers end, closes the listener. The service and the store belong to the caller. */
  close(): Promise<void>;
}

const NO_PLATFORMS: PlatformDesk = { list: () => [], read: () => undefined, probe: async () => undefined };

/** The session API over HTTP, wired by hand. */
export function composePayments(deps: PaymentsDeps): PaymentsApp {
  const { service, scheduler, random, log } = deps;
  const apiKeys = new ApiKeys(deps.apiKeys, deps.keyShelf ?? memoryKeyShelf(), scheduler, random);
  const secret = deps.agentTokenSecret ?? random(AGENT_TOKEN_SECRET_BYTES);
  const agentTokens = new AgentTokens(scheduler, secret, (sha256) => apiKeys.isActive(sha256));
  const streams = new EventStreams({ service, scheduler, log });
  const faults = deps.faults && new TestFaults(deps.faults, scheduler, random);
  const idempotency = new Idempotency(deps.store, scheduler, log);
  const app = buildApp({
    authenticators: { apiKeys, agentTokens, service },
    routes: {
      '/v1/sessions': sessionRoutes({
        service,
        idempotency,
        streams,
        auditOf: deps.auditOf ?? (async () => []),
        clock: scheduler,
      }),
      '/v1/agent_tokens': agentTokenRoutes(agentTokens, service, scheduler),
      '/v1/api_keys': apiKeyRoutes(apiKeys, scheduler),
      '/v1/audit_events': auditEventRoutes(deps.auditEvents ?? (async () => ({ data: [], hasMore: false }))),
      '/v1/connectors': connectorRoutes(deps.connectors ?? []),
      '/v1/platforms': platformRoutes(deps.platforms ?? NO_PLATFORMS),
      '/v1/webhook_endpoints': webhookEndpointRoutes(deps.webhooks ?? NO_WEBHOOKS),
      '/v1/test/faults': testFaultRoutes(faults, service),
      '/': healthRoutes(deps.notReadyBecause ?? (() => [])),
    },
    gatewayEvents: gatewayEventRoutes({ service, clock: scheduler }),
    payConnectors: payConnectorRoutes(service),
    mounts: deps.mounts ?? [],
    allowedOrigins: deps.allowedOrigins ?? [],
    rates: { apiKeyPerS: API_KEY_REQUESTS_PER_S, pagePerS: PAGE_REQUESTS_PER_S, ...deps.rates },
    validateResponses: deps.validateResponses ?? false,
    validateDocument: deps.validateDocument ?? deps.validateResponses ?? false,
    audit: deps.audit ?? (() => {}),
    clock: scheduler,
    random,
    log,
  });
  let server: HttpServer | undefined;
  return {
    app,
    async listen({ host, port, timeouts }) {
      server = await startHttp(app, { host, port, log, ...(timeouts && { timeouts }) });
      await firstRequest(server.port, server.host);
      return server;
    },
    async close() {
      streams.close();
      await server?.close();
      apiKeys.close();
    },
  };
}

/** The validator reads the document at the first request: let that be ours and not a caller's. */
function firstRequest(port: number, host: string): Promise<void> {
  const to = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return new Promise((resolve) => {
    const request = get({ host: to, port, path: '/healthz', agent: false }, (response) => response.resume());
    request.on('error', () => {});
    request.on('close', resolve);
  });
}
