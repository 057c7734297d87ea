/** What made us doubt the mask: a key was heard in the audio of leg 7, or a packet was to leave on it that is no audio as agreed. */
export type LeakSign = 'tone' | 'packet';

/**
 * What a second detector, which shares nothing with the mask, heard on leg 7 while Sordino was in the call. It tells neither keys nor times.
 * `docs/security/mask-attestation.md` says what the figures mean, and what they do not.
 */
export interface MaskAttestation {
  /** Keys that the customer pressed. */
  readonly keys_in: number;
  /** Keys that left on leg 7. */
  readonly tones_out: number;
  /** The loudest that was left on leg 7 while a key was pressed: level of the weaker of its two tones. Null: no key was pressed. */
  readonly worst_residual_dbm0: number | null;
  /** The same measure over the customer's speech, its median: what is below it does not stand out. Null: nobody spoke. */
  readonly speech_dbm0: number | null;
  readonly lookback_ms: number;
  /** False: a relay worker died, and what it heard last is not in these figures. */
  readonly complete: boolean;
}

/** Before anything was heard. */
export const nothingAttested = (lookbackMs: number): MaskAttestation => ({
  keys_in: 0,
  tones_out: 0,
  worst_residual_dbm0: null,
  speech_dbm0: null,
  lookback_ms: lookbackMs,
  complete: true,
});
