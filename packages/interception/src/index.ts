export * from './events.ts';
export * from './interceptor.ts';
export { legTransitions } from './leg/leg-state.ts';
export * from './limits.ts';
export * from './platform/profile.ts';
export * from './ports/media-relay.ts';
export * from './ports/sdp-negotiator.ts';
export * from './ports/sip-calls.ts';
export { topologyTransitions } from './topology/topology-state.ts';
