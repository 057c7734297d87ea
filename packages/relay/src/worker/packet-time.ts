import type { MediaDescription } from '@sordino/interception';
import { payloadOctets, TICKS_PER_MS } from '@sordino/media';

/** Packet times that we make; what a peer asks for beyond them is answered with the default (RFC 3551 §4.2). */
const PACKET_TIMES_MS: readonly number[] = [10, 20, 30, 40, 50, 60];
export const PACKET_TIME_DEFAULT_MS = 20;
/** Payloads that are sure to need no IP fragments, with headers and SRTP: L16 at 16 kHz has more from 50 ms on. */
const PAYLOAD_OCTETS_MAX = 1_400;

export function packetTimeOf(peer: MediaDescription | undefined): number {
  const wantedMs = peer?.packetTimeMs ?? PACKET_TIME_DEFAULT_MS;
  const octets = payloadOctets(peer?.codec ?? 'PCMU', wantedMs * TICKS_PER_MS);
  const isServable = PACKET_TIMES_MS.includes(wantedMs) && octets <= PAYLOAD_OCTETS_MAX;
  return isServable ? wantedMs : PACKET_TIME_DEFAULT_MS;
}
