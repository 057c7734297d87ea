import { createRequire } from 'node:module';

/**
 * Required, not imported: Node finds no named exports in this CommonJS bundle although its types promise them, and
 * Jest finds no default one.
 */
const { alaw, mulaw }: typeof import('alawmulaw') = createRequire(import.meta.url)('alawmulaw');

export type G711Codec = 'PCMU' | 'PCMA';

/** RFC 3551 §6, table 4: the payload types that need no a=rtpmap. */
export const STATIC_PAYLOAD_TYPE: Readonly<Record<G711Codec, number>> = { PCMU: 0, PCMA: 8 };

export function codecOfStaticPayloadType(payloadType: number): G711Codec | undefined {
  if (payloadType === STATIC_PAYLOAD_TYPE.PCMU) return 'PCMU';
  return payloadType === STATIC_PAYLOAD_TYPE.PCMA ? 'PCMA' : undefined;
}

/** 16 bit linear samples to one byte each. The codec is alawmulaw's, on purpose not the product's own: a second opinion. */
export function encodeG711(codec: G711Codec, samples: Int16Array): Uint8Array {
  return codec === 'PCMU' ? mulaw.encode(samples) : alaw.encode(samples);
}

export function decodeG711(codec: G711Codec, payload: Uint8Array): Int16Array {
  return codec === 'PCMU' ? mulaw.decode(payload) : alaw.decode(payload);
}
