/** For tests and the simulated world only: DTLS as somebody else speaks it, by werift without our checks. */

export { createIdentity, type DtlsIdentity } from './handshakes/identity.ts';
export { DtlsEnd, type DtlsOutcome } from './handshakes/test-support/dtls-end.ts';
/** The codecs that the simulated phones speak beside G.711. */
export { type WidebandCoder, widebandCoder } from './test-support/second-codec.ts';
