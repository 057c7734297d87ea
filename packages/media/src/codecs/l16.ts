import { type AudioDecoder, type AudioEncoder, resetNothing } from './linear.ts';

/** RFC 3551 §4.5.11: 16-bit samples, two's complement, most significant octet first. */
export const l16Decoder: AudioDecoder = {
  decode(payload, length, into) {
    const samples = length >> 1;
    for (let n = 0; n < samples; n += 1) into[n] = ((payload[2 * n] ?? 0) << 8) | (payload[2 * n + 1] ?? 0);
    return samples;
  },
  reset: resetNothing,
};

export const l16Encoder: AudioEncoder = {
  encode(pcm, samples, into) {
    for (let n = 0; n < samples; n += 1) {
      const sample = pcm[n] ?? 0;
      into[2 * n] = (sample >> 8) & 0xff;
      into[2 * n + 1] = sample & 0xff;
    }
    return 2 * samples;
  },
  reset: resetNothing,
};
