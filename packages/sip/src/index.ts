export { parseAddressRule } from './admission/address-rules.ts';
export { SOURCE_IGNORED } from './admission/admission.ts';
export type { AdmissionOptions, PlatformAdmission } from './admission/admission-options.ts';
export { DIGEST_ALGORITHMS, type DigestAlgorithm, digestHa1 } from './admission/digest/digest.ts';
export type { ListeningPoint, SipEndpointLimits, SipEndpointOptions } from './core/endpoint-options.ts';
export { isWrittenByStack } from './core/header-lines.ts';
export { hostOfUri } from './core/next-hop.ts';
export { SipEndpoint } from './core/sip-endpoint.ts';
export type { SipTraceEntry } from './core/trace.ts';
export type { LegTiming } from './legs/leg-timing.ts';
export type { SipResolver } from './router/dns/sip-resolver.ts';
export { type CertificateHealth, tlsFilesProblem } from './router/tls-credentials.ts';
export type {
  Flow,
  FlowTls,
  ListenPoint,
  SipProtocol,
  TlsClientFiles,
  TlsListenFiles,
} from './router/transport.ts';
export { createSdpNegotiator, type SdpNegotiatorOptions } from './sdp/negotiator.ts';
