import { decodeG711, encodeG711, type Spandsp } from '@sordino/testkit';

/** Codecs of a leg here: each has one octet for a sample of 8 kHz. None of this is the product's own. */
export type LegCodec = 'PCMU' | 'PCMA' | 'G722';

/** RFC 3551 §6, tables 4 and 5. */
export const AUDIO_PAYLOAD_TYPE: Readonly<Record<LegCodec, number>> = { PCMU: 0, PCMA: 8, G722: 9 };

export async function encodeLine(
  codec: LegCodec,
  samples: Int16Array,
  spandsp: Spandsp,
): Promise<Uint8Array> {
  return codec === 'G722' ? spandsp.g722Encode(samples, 8_000) : encodeG711(codec, samples);
}

export async function decodeLine(codec: LegCodec, codes: Uint8Array, spandsp: Spandsp): Promise<Int16Array> {
  return codec === 'G722' ? spandsp.g722Decode(codes, 8_000) : decodeG711(codec, codes);
}
