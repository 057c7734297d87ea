import { nextState, type TransitionTable } from '@sordino/core';

/**
 * A DTLS 1.2 handshake as its server sees it (RFC 6347 §4.2.4). The cookie exchange is over: that part keeps no state.
 *
 *   hello --client_hello--> certificate --certificate--> key_exchange --client_key_exchange--> proof
 *                                                                                                |
 *                       connected <--finished-- finished <--------------certificate_verify-------+
 *
 * From every state but `connected`, `failed` leads to `refused`. Each message has its place: one that comes in another is an
 * illegal edge and fails the handshake. So nobody gets to `connected` without a certificate, a proof that he has its key, and
 * a Finished.
 */
export type HandshakeState =
  | 'hello'
  | 'certificate'
  | 'key_exchange'
  | 'proof'
  | 'finished'
  | 'connected'
  | 'refused';

export type HandshakeEvent =
  | 'client_hello'
  | 'certificate'
  | 'client_key_exchange'
  | 'certificate_verify'
  | 'finished'
  | 'failed';

export const HANDSHAKE_TRANSITIONS = {
  hello: { client_hello: 'certificate', failed: 'refused' },
  certificate: { certificate: 'key_exchange', failed: 'refused' },
  key_exchange: { client_key_exchange: 'proof', failed: 'refused' },
  proof: { certificate_verify: 'finished', failed: 'refused' },
  finished: { finished: 'connected', failed: 'refused' },
  connected: {},
  refused: {},
} as const satisfies TransitionTable<HandshakeState, HandshakeEvent>;

export const nextHandshake = (state: HandshakeState, event: HandshakeEvent): HandshakeState | undefined =>
  nextState<HandshakeState, HandshakeEvent>(HANDSHAKE_TRANSITIONS, state, event);

/** RFC 5246 §7.4: the messages that a client with a certificate sends in the clear, by their number. */
const EVENTS: ReadonlyMap<number, HandshakeEvent> = new Map([
  [1, 'client_hello'],
  [11, 'certificate'],
  [15, 'certificate_verify'],
  [16, 'client_key_exchange'],
]);

/** Undefined: nothing that a client sends in the clear. A Finished is none of these: it is encrypted or it is forged. */
export const plainEventOf = (messageType: number): HandshakeEvent | undefined => EVENTS.get(messageType);
