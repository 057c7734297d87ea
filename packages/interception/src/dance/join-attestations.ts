import type { MaskAttestation } from '@sordino/core';

/** One attestation for a call that went through several bridges, one after the other. Undefined: there is none. */
export function joinAttestations(
  parts: readonly MaskAttestation[],
  complete: boolean,
): MaskAttestation | undefined {
  const [first, ...others] = parts;
  if (first === undefined) return undefined;
  return others.reduce(
    (one, other) => ({
      keys_in: one.keys_in + other.keys_in,
      tones_out: one.tones_out + other.tones_out,
      worst_residual_dbm0: greater(one.worst_residual_dbm0, other.worst_residual_dbm0),
      // Medians cannot be joined: the quieter makes what was left stand out more.
      speech_dbm0: lesser(one.speech_dbm0, other.speech_dbm0),
      lookback_ms: Math.min(one.lookback_ms, other.lookback_ms),
      complete,
    }),
    { ...first, complete },
  );
}

const greater = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.max(one, other);

const lesser = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);
