export * from './ports/media-relay.ts';
export * from './ports/sdp-negotiator.ts';
export * from './ports/sip-calls.ts';
