/** What arrives on the one port of a leg with DTLS-SRTP. */
export type DatagramKind = 'stun' | 'dtls' | 'media' | 'unknown';

/** RFC 7983 §7: the first byte tells. 64 to 79 (TURN channels) is nothing that we ever asked for, as are the gaps. */
export function kindOf(datagram: Uint8Array): DatagramKind {
  const first = datagram[0];
  if (first === undefined) return 'unknown';
  if (first <= 3) return 'stun';
  if (first >= 20 && first <= 63) return 'dtls';
  if (first >= 128 && first <= 191) return 'media';
  return 'unknown';
}

/**
 * RFC 5761 §4: the second byte of RTCP is a packet type of 192 to 223; RTP with one of these would be payload type 64 to 95
 * with the marker set, and no such type is ever negotiated.
 */
export function isRtcp(datagram: Uint8Array): boolean {
  const type = datagram[1] ?? 0;
  return type >= 192 && type <= 223;
}
