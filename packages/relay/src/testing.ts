/** For tests and the simulated world only: DTLS as somebody else speaks it, by werift without our checks. */

export { createIdentity, type DtlsIdentity } from './handshakes/identity.ts';
export { DtlsEnd, type DtlsOutcome } from './handshakes/test-support/dtls-end.ts';
