import type { MediaDescription } from '@sordino/interception';

/** Packet times that we make; what a peer asks for beyond them is answered with the default (RFC 3551 §4.2). */
const PACKET_TIMES_MS: readonly number[] = [10, 20, 30, 40, 60];
export const PACKET_TIME_DEFAULT_MS = 20;

export function packetTimeOf(peer: MediaDescription | undefined): number {
  const wantedMs = peer?.packetTimeMs ?? PACKET_TIME_DEFAULT_MS;
  return PACKET_TIMES_MS.includes(wantedMs) ? wantedMs : PACKET_TIME_DEFAULT_MS;
}
