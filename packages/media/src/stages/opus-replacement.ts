import type { MaskStyle } from '@sordino/core';
import { TICKS_PER_MS } from '../codecs/audio-codec.ts';
import type { OpusLibrary } from '../codecs/create-codec.ts';
import { joinOpusPackets } from '../codecs/opus-packets.ts';
import { replacementAudio } from './replacement-audio.ts';

/** Frames of 10 ms make packets of any length that is a multiple of it. */
const FRAME_MS = 10;
export const OPUS_FRAME_TICKS = FRAME_MS * TICKS_PER_MS;
const FRAME_SAMPLES = 16 * FRAME_MS;
const PACKET_BYTES_MAX = 1500;
/** Rounds before the one that is kept: by then the encoder has forgotten that it began. */
const WARM_UP_MS = 400;

/** Replacement audio in Opus, encoded once for each library and style: nothing of a call is in it. */
export class OpusReplacement {
  readonly #frames: readonly Uint8Array[];
  readonly #packet = new Uint8Array(PACKET_BYTES_MAX);

  constructor(frames: readonly Uint8Array[]) {
    this.#frames = frames;
  }

  /** `ticks` of it, a multiple of 10 ms, from `position` of the stream on. Valid until the next call. */
  packet(position: number, ticks: number): Uint8Array {
    const first = Math.floor(position / OPUS_FRAME_TICKS);
    const frames = Array.from(
      { length: ticks / OPUS_FRAME_TICKS },
      (_, n) => this.#frames[(first + n) % this.#frames.length] ?? new Uint8Array(),
    );
    return this.#packet.subarray(0, joinOpusPackets(frames, this.#packet));
  }
}

const made = new WeakMap<OpusLibrary, Map<MaskStyle, OpusReplacement>>();

export function opusReplacement(style: MaskStyle, opus: OpusLibrary): OpusReplacement {
  const styles = made.get(opus) ?? new Map<MaskStyle, OpusReplacement>();
  made.set(opus, styles);
  const known = styles.get(style);
  if (known !== undefined) return known;
  const replacement = new OpusReplacement(encodeCircle(style, opus));
  styles.set(style, replacement);
  return replacement;
}

function encodeCircle(style: MaskStyle, opus: OpusLibrary): Uint8Array[] {
  const circle = Int16Array.from(replacementAudio(style, 'linear16'));
  const encoder = opus.encoder(16_000);
  const frames = circle.length / FRAME_SAMPLES;
  const rounds = 1 + Math.ceil(WARM_UP_MS / FRAME_MS / frames);
  const into = new Uint8Array(PACKET_BYTES_MAX);
  const packets: Uint8Array[] = [];
  for (let n = 0; n < rounds * frames; n += 1) {
    const from = (n % frames) * FRAME_SAMPLES;
    const octets = encoder.encode(circle.subarray(from, from + FRAME_SAMPLES), FRAME_SAMPLES, into);
    if (n >= (rounds - 1) * frames) packets.push(into.slice(0, octets));
  }
  encoder.reset();
  return packets;
}
