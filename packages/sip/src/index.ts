export { isWrittenByStack } from './core/header-lines.ts';
export { SipEndpoint, type SipEndpointLimits, type SipEndpointOptions } from './core/sip-endpoint.ts';
export type { SipTraceEntry } from './core/trace.ts';
export type { LegTiming } from './legs/leg-timing.ts';
export type { Flow, ListenPoint, SipProtocol } from './router/transport.ts';
export { createSdpNegotiator, type SdpNegotiatorOptions } from './sdp/negotiator.ts';
