export { ApiKeys } from './auth/keys/api-keys.ts';
export { openFileKeyShelf } from './auth/keys/file-key-shelf.ts';
export type { ApiKeyRecord } from './auth/keys/key-record.ts';
export type { KeyShelf } from './auth/keys/key-shelf.ts';
export { hashCredential, makeApiKey } from './auth/keys/key-text.ts';
export { composePayments, type PaymentsApp, type PaymentsDeps } from './compose.ts';
export { type EgressRule, fetchBytes, fetchBytesTo } from './egress/http-bytes.ts';
export type { ApiAccess } from './http/app.ts';
export { OPENAPI_YAML, openApiDocument } from './http/openapi.ts';
export type { PageMount } from './http/pages.ts';
export {
  HTTP_TIMEOUTS,
  type HttpOptions,
  type HttpServer,
  type HttpTimeouts,
  startHttp,
} from './http/server.ts';
export { AGENT_TOKEN_SECRET_BYTES, API_KEY_REQUESTS_PER_S, PAGE_REQUESTS_PER_S } from './limits.ts';
export type { AuditLister } from './routes/audit-events.ts';
export type { WebhookDesk } from './routes/webhook-endpoints.ts';
export { makeSessionKey } from './sealed/session-key.ts';
export type { FaultDesk } from './test-faults/fault-desk.ts';
export { type PostOptions, postWebhook } from './webhooks/post-webhook.ts';
