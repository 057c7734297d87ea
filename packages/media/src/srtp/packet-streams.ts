/**
 * Streams of one key that are remembered. A peer that goes through more SSRCs than this under one key gets no further: the
 * memory of an old one is what keeps its packets from being played again.
 */
export const SRTP_STREAMS_MAX = 32;
/** RFC 3711 §3.3.2: at least 64. 128 packets of 10 ms are still more than a second. */
const WINDOW_PACKETS = 128;
const WINDOW_WORDS = WINDOW_PACKETS / 32;
/** Sequence numbers: 16 bits. */
export const ROLLOVER = 0x1_0000;
export const HALF = 0x8000;

/**
 * What is known of each stream (SSRC) under one key: the highest index, and which of the last indexes were used. It guards
 * the receiver against replays and the sender against using a keystream twice.
 */
export class PacketStreams {
  readonly #ssrcs = new Uint32Array(SRTP_STREAMS_MAX);
  readonly #highest = new Float64Array(SRTP_STREAMS_MAX);
  /** Bit n of a stream's window: the index `highest - n` was used. */
  readonly #windows = new Uint32Array(SRTP_STREAMS_MAX * WINDOW_WORDS);
  #count = 0;
  #last = 0;

  get isFull(): boolean {
    return this.#count === SRTP_STREAMS_MAX;
  }

  /** The number of a stream, or -1. */
  find(ssrc: number): number {
    if (this.#count > 0 && this.#ssrcs[this.#last] === ssrc) return this.#last;
    for (let stream = 0; stream < this.#count; stream++) {
      if (this.#ssrcs[stream] === ssrc) {
        this.#last = stream;
        return stream;
      }
    }
    return -1;
  }

  /** A stream that begins with this index. There must be room. */
  begin(ssrc: number, index: number): void {
    const stream = this.#count++;
    this.#ssrcs[stream] = ssrc;
    this.#highest[stream] = index;
    this.#windows.fill(0, stream * WINDOW_WORDS, (stream + 1) * WINDOW_WORDS);
    this.#windows[stream * WINDOW_WORDS] = 1;
    this.#last = stream;
  }

  highest(stream: number): number {
    return this.#highest[stream] ?? 0;
  }

  /** Seen or used before, or so old that nobody knows. */
  isUsed(stream: number, index: number): boolean {
    const age = this.highest(stream) - index;
    if (age < 0) return false;
    if (age >= WINDOW_PACKETS) return true;
    return (((this.#windows[stream * WINDOW_WORDS + (age >> 5)] ?? 0) >>> (age & 31)) & 1) === 1;
  }

  /** Only for an index that is not used. */
  use(stream: number, index: number): void {
    const step = index - this.highest(stream);
    const from = stream * WINDOW_WORDS;
    if (step > 0) {
      this.#shift(from, step);
      this.#highest[stream] = index;
      this.#windows[from] = (this.#windows[from] ?? 0) | 1;
      return;
    }
    const word = from + (-step >> 5);
    this.#windows[word] = (this.#windows[word] ?? 0) | (1 << (-step & 31));
  }

  #shift(from: number, step: number): void {
    const windows = this.#windows;
    const words = Math.min(Math.floor(step / 32), WINDOW_WORDS);
    const bits = step % 32;
    for (let word = WINDOW_WORDS - 1; word >= 0; word--) {
      const source = word - words;
      const low = source >= 0 ? (windows[from + source] ?? 0) : 0;
      const carried = source >= 1 && bits > 0 ? (windows[from + source - 1] ?? 0) >>> (32 - bits) : 0;
      windows[from + word] = (low << bits) | carried;
    }
  }
}

/**
 * RFC 3711 §3.3.1: the index with this sequence number that is nearest to the highest one, the rollover counter before, the
 * same or the one after. Negative: before the first packet that there can have been.
 */
export function nearestIndex(highest: number, sequence: number): number {
  const lastSequence = highest % ROLLOVER;
  const same = highest - lastSequence + sequence;
  if (lastSequence < HALF) return sequence - lastSequence > HALF ? same - ROLLOVER : same;
  return lastSequence - HALF > sequence ? same + ROLLOVER : same;
}
