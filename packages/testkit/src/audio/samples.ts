/** Linear audio of this package: 8 kHz, mono, 16 bit signed, the sample rate of G.711. */
export const SAMPLE_RATE_HZ = 8000;
export const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000;

const SAMPLE_MAX = 32767;
const SAMPLE_MIN = -32768;

export function clampSample(value: number): number {
  if (value > SAMPLE_MAX) return SAMPLE_MAX;
  if (value < SAMPLE_MIN) return SAMPLE_MIN;
  return Math.round(value);
}

/** Adds `from` onto `into`, sample by sample from `offset` on; what would overflow is clipped. */
export function mixInto(into: Int16Array, from: Int16Array, offset = 0): void {
  const end = Math.min(into.length, offset + from.length);
  for (let at = Math.max(0, offset); at < end; at++) {
    into[at] = clampSample((into[at] ?? 0) + (from[at - offset] ?? 0));
  }
}

/** A new array, `gainDb` louder (or quieter, if negative). */
export function amplify(samples: Int16Array, gainDb: number): Int16Array {
  const factor = 10 ** (gainDb / 20);
  return samples.map((sample) => clampSample(sample * factor));
}

export function concatSamples(...parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function silence(durationMs: number): Int16Array {
  return new Int16Array(Math.round(durationMs * SAMPLES_PER_MS));
}
