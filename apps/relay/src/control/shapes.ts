import type { MediaDescription } from '@sordino/interception';
import { z } from 'zod';

/** RFC 3550 §5.1: seven bits. */
const payloadType = z.int().min(0).max(127);
const address = z.strictObject({ host: z.union([z.ipv4(), z.ipv6()]), port: z.int().min(0).max(65_535) });

export const openShape = z.strictObject({
  session: z.string().min(1).max(64),
  /** HPKE public key (X25519), 32 bytes in base64url: only its owner can read keys. */
  seal_to: z.string().regex(/^[\w-]{43}$/, 'must be 32 bytes in base64url'),
  mask: z.strictObject({
    style: z.enum(['silence', 'flat_tone', 'comfort_noise']),
    hold: z.enum(['per_key', 'until_idle', 'whole_field']),
  }),
  first_key_seq: z.int().min(0).default(0),
});

export const peerShape = z.strictObject({
  rtp: address,
  /** Default: the port above the one of RTP. */
  rtcp: address.optional(),
  codec: z.enum(['PCMU', 'PCMA']).default('PCMU'),
  payload_type: payloadType.optional(),
  event_payload_type: payloadType.optional(),
  packet_time_ms: z.int().min(10).max(60).default(20),
  direction: z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']).default('sendrecv'),
});

export const collectingShape = z.strictObject({ collecting: z.boolean() });

/** RFC 3551 §6: the static types. */
const STATIC_TYPES = { PCMU: 0, PCMA: 8 } as const;

export function descriptionOf(peer: z.infer<typeof peerShape>): MediaDescription {
  const { rtp, rtcp, codec } = peer;
  return {
    rtp,
    rtcp: rtcp ?? { host: rtp.host, port: Math.min(65_535, rtp.port + 1) },
    codec,
    audioPayloadType: peer.payload_type ?? STATIC_TYPES[codec],
    eventPayloadType: peer.event_payload_type,
    packetTimeMs: peer.packet_time_ms,
    direction: peer.direction,
  };
}
