import { concatSamples, decodeG711, encodeG711, SAMPLES_PER_MS, type Spandsp } from '@sordino/testkit';
import { decodeOpus, encodeOpus, type OpusShape } from '../../codecs/opus-line.ts';

/** Codecs of a leg here. Nothing of them is the product's own, but that there is only one Opus. */
export type LegCodec = 'PCMU' | 'PCMA' | 'G722' | 'opus';

/** RFC 3551 §6, tables 4 and 5; for Opus any of the dynamic ones. */
export const AUDIO_PAYLOAD_TYPE: Readonly<Record<LegCodec, number>> = {
  PCMU: 0,
  PCMA: 8,
  G722: 9,
  opus: 111,
};

/** RTP timestamps for each sample of 8 kHz: Opus always counts 48,000 a second (RFC 7587 §4.1). */
export const TIMESTAMPS_PER_SAMPLE: Readonly<Record<LegCodec, number>> = {
  PCMU: 1,
  PCMA: 1,
  G722: 1,
  opus: 6,
};

/** Payloads of `packetTimeMs` each; the last that is not whole is left out. */
export async function encodeLine(
  codec: LegCodec,
  samples: Int16Array,
  packetTimeMs: number,
  opus: OpusShape,
  spandsp: Spandsp,
): Promise<Uint8Array[]> {
  if (codec === 'opus') return encodeOpus(samples, packetTimeMs, opus);
  const codes = codec === 'G722' ? await spandsp.g722Encode(samples, 8_000) : encodeG711(codec, samples);
  // Each has one octet for a sample of 8 kHz.
  const length = packetTimeMs * SAMPLES_PER_MS;
  return Array.from({ length: Math.floor(codes.length / length) }, (_, n) =>
    codes.slice(n * length, (n + 1) * length),
  );
}

export async function decodeLine(
  codec: LegCodec,
  payloads: readonly Uint8Array[],
  spandsp: Spandsp,
): Promise<Int16Array> {
  if (codec === 'opus') return concatSamples(...decodeOpus(payloads));
  const codes = Uint8Array.from(Buffer.concat(payloads));
  return codec === 'G722' ? spandsp.g722Decode(codes, 8_000) : decodeG711(codec, codes);
}
