export { type CardMemory, plainCardMemory } from './capture/card-memory.ts';
export { CARD_BUFFER_BYTES } from './capture/limits.ts';
export type { BrandOrUnknown, CardBrand } from './card/brand.ts';
export { containsCardNumber } from './card/find-in-text.ts';
export { TEST_CARD_NUMBERS } from './card/test-numbers.ts';
export * from './charge/attempt.ts';
export type * from './charge/operation.ts';
export type * from './gateways/gateway.ts';
export type { FetchBytes, HttpOutcome, HttpRequest } from './gateways/http.ts';
export { createHttpsGateway, type HttpsGatewayOptions } from './gateways/https/https-gateway.ts';
export * from './gateways/kind.ts';
export { GATEWAY_KINDS } from './gateways/kinds.ts';
export type * from './gateways/notice.ts';
export type * from './gateways/outcome.ts';
export { createSandboxGateway, type SandboxGatewayOptions } from './gateways/sandbox/sandbox-gateway.ts';
export type * from './ports/call-control.ts';
export type * from './ports/stores.ts';
export type { SessionKey } from './sealed/session-key.ts';
export { createSessionService } from './session/create-service.ts';
export type { SessionDefaults, SessionServiceDeps } from './session/deps.ts';
export type * from './session/record.ts';
export type * from './session/service.ts';
export {
  isFinal,
  nextPaymentStatus,
  type PaymentEvent,
  paymentTransitions,
} from './session/status-machine.ts';
export { VELOCITY_LIMITS, type VelocityLimits } from './velocity/limits.ts';
export type { CardTestingAlarm } from './velocity/velocity.ts';
export type * from './webhooks/cursor.ts';
export {
  type DeliveryOutcome,
  type EndpointHealth,
  type SendWebhook,
  WebhookDispatcher,
} from './webhooks/dispatcher.ts';
export type { WebhookEndpoint } from './webhooks/endpoint.ts';
export type { HmacSha256 } from './webhooks/signature.ts';
