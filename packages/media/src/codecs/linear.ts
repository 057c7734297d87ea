/**
 * The port to a codec: payloads in, linear 16-bit samples out, at one rate for the life of the object. Buffers belong to the
 * caller; nothing is allocated per payload.
 */
export interface AudioDecoder {
  /** Writes a whole payload's samples and returns their number; 0: it cannot be decoded. */
  decode(payload: Uint8Array, length: number, into: Int16Array): number;
  /** Forgets the past, what is left of a key in it too, and gives back what is not memory of JavaScript. Can be used again. */
  reset(): void;
}

export interface AudioEncoder {
  /** Writes one payload of `samples` samples and returns its octets; 0: there is no payload of this length. */
  encode(pcm: Int16Array, samples: number, into: Uint8Array): number;
  reset(): void;
}

/** For codecs without a past. */
export const resetNothing = (): void => {};
