/** The two laws of ITU-T G.711 as RTP names them (RFC 3551 §4.5.14). */
export type G711Codec = 'PCMU' | 'PCMA';

/** Linear samples are 16-bit; u-law fills 14 of the bits and A-law 13, both aligned to the top. */
const ULAW_BIAS = 0x84;
const ULAW_CLIP = 32_635;

function expandUlaw(code: number): number {
  const inverted = ~code & 0xff;
  const exponent = (inverted >> 4) & 7;
  const magnitude = ((((inverted & 0x0f) << 3) + ULAW_BIAS) << exponent) - ULAW_BIAS;
  return inverted & 0x80 ? -magnitude : magnitude;
}

function expandAlaw(code: number): number {
  const toggled = code ^ 0x55;
  const exponent = (toggled >> 4) & 7;
  const mantissa = ((toggled & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  // G.711 A-law: the sign bit is 1 for positive values.
  return toggled & 0x80 ? magnitude : -magnitude;
}

function compressUlaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), ULAW_CLIP) + ULAW_BIAS;
  const exponent = 31 - Math.clz32(magnitude >> 7);
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
}

function compressAlaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  // One's complement of a negative value: -1 belongs to the smallest negative step, as in the ITU's own code.
  const magnitude = (sample < 0 ? ~sample : sample) & 0x7fff;
  const exponent = magnitude < 0x100 ? 0 : 31 - Math.clz32(magnitude >> 7);
  const mantissa = (exponent === 0 ? magnitude >> 4 : magnitude >> (exponent + 3)) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
}

const decodeTable = (expand: (code: number) => number): Int16Array =>
  Int16Array.from({ length: 256 }, (_, code) => expand(code));

const encodeTable = (compress: (sample: number) => number): Uint8Array =>
  Uint8Array.from({ length: 65_536 }, (_, bits) => compress((bits << 16) >> 16));

const decoders = { PCMU: decodeTable(expandUlaw), PCMA: decodeTable(expandAlaw) } as const;
const encoders = { PCMU: encodeTable(compressUlaw), PCMA: encodeTable(compressAlaw) } as const;

/** 256 entries: code -> linear sample. Index it directly on a hot path. */
export const g711DecodeTable = (codec: G711Codec): Int16Array => decoders[codec];

/** 65,536 entries: the sample's low 16 bits -> code. */
export const g711EncodeTable = (codec: G711Codec): Uint8Array => encoders[codec];

const identity = Uint8Array.from({ length: 256 }, (_, code) => code);
const through = (from: G711Codec, to: G711Codec): Uint8Array =>
  Uint8Array.from(decoders[from], (sample) => encoders[to][sample & 0xffff] ?? 0);
const transcoders = {
  PCMU: { PCMU: identity, PCMA: through('PCMU', 'PCMA') },
  PCMA: { PCMA: identity, PCMU: through('PCMA', 'PCMU') },
} as const;

/**
 * 256 entries: a code of one law -> the nearest code of the other. The same law maps each code to itself, and not
 * through linear samples: u-law has two zeros, and audio that nobody masks must leave bit for bit as it came.
 */
export const g711TranscodeTable = (from: G711Codec, to: G711Codec): Uint8Array => transcoders[from][to];

export function decodeG711(
  codec: G711Codec,
  codes: Uint8Array,
  into = new Int16Array(codes.length),
): Int16Array {
  const table = decoders[codec];
  for (let i = 0; i < codes.length; i += 1) into[i] = table[codes[i] ?? 0] ?? 0;
  return into;
}

export function encodeG711(
  codec: G711Codec,
  samples: Int16Array,
  into = new Uint8Array(samples.length),
): Uint8Array {
  const table = encoders[codec];
  for (let i = 0; i < samples.length; i += 1) into[i] = table[(samples[i] ?? 0) & 0xffff] ?? 0;
  return into;
}
