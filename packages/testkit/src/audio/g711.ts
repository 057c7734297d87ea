import { createRequire } from 'node:module';

/**
 * Required, not imported: Node finds no named exports in this CommonJS bundle although its types promise them, and
 * Jest finds no default one.
 */
const { alaw, mulaw }: typeof import('alawmulaw') = createRequire(import.meta.url)('alawmulaw');

export type G711Codec = 'PCMU' | 'PCMA';

/** 16 bit linear samples to one byte each. The codec is alawmulaw's, on purpose not the product's own: a second opinion. */
export function encodeG711(codec: G711Codec, samples: Int16Array): Uint8Array {
  return codec === 'PCMU' ? mulaw.encode(samples) : alaw.encode(samples);
}

export function decodeG711(codec: G711Codec, payload: Uint8Array): Int16Array {
  return codec === 'PCMU' ? mulaw.decode(payload) : alaw.decode(payload);
}
