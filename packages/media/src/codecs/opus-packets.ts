import type { LinearRateHz } from './audio-codec.ts';
import type { AudioEncoder } from './linear.ts';

/** RFC 6716 §3.2.5: `code 3` has up to 48 frames of one length in one packet. */
const CODE_3 = 3;
const CODES = 0x03;

/**
 * Joins packets of one frame each into one packet (RFC 6716 §3.2.5, constant bit rate). They must be equally long and begin
 * with the same octet, as those of one encoder at a constant bit rate do; else 0. Returns the octets written.
 */
export function joinOpusPackets(packets: readonly Uint8Array[], into: Uint8Array): number {
  const first = packets[0];
  if (first === undefined || first.length === 0) return 0;
  if (packets.length === 1) {
    into.set(first);
    return first.length;
  }
  const toc = first[0] ?? 0;
  if ((toc & CODES) !== 0) return 0;
  into[0] = toc | CODE_3;
  into[1] = packets.length;
  let at = 2;
  for (const packet of packets) {
    if (packet.length !== first.length || packet[0] !== toc) return 0;
    into.set(packet.subarray(1), at);
    at += packet.length - 1;
  }
  return at;
}

/** 120 ms (RFC 6716 §3.2): twelve frames of 10 ms; and the longest frame there is (RFC 6716 §3.2.1). */
const FRAMES_MAX = 12;
const FRAME_BYTES_MAX = 1275;

/** Packets of any multiple of 10 ms up to 120 ms, out of an encoder of single frames. */
export class OpusPacketEncoder implements AudioEncoder {
  readonly #encoder: AudioEncoder;
  readonly #samplesPer10Ms: number;
  readonly #frames = Array.from({ length: FRAMES_MAX }, () => new Uint8Array(FRAME_BYTES_MAX));

  constructor(encoder: AudioEncoder, rateHz: LinearRateHz) {
    this.#encoder = encoder;
    this.#samplesPer10Ms = rateHz / 100;
  }

  encode(pcm: Int16Array, samples: number, into: Uint8Array): number {
    const tens = samples / this.#samplesPer10Ms;
    if (!Number.isInteger(tens) || tens < 1 || tens > FRAMES_MAX) return 0;
    const each = this.#samplesPer10Ms * (tens % 2 === 0 ? 2 : 1);
    if (samples === each) return this.#encoder.encode(pcm, samples, into);
    const packets = this.#frames.slice(0, samples / each).map((frame, n) => {
      const octets = this.#encoder.encode(pcm.subarray(n * each, (n + 1) * each), each, frame);
      return frame.subarray(0, octets);
    });
    return joinOpusPackets(packets, into);
  }

  reset(): void {
    this.#encoder.reset();
    for (const frame of this.#frames) frame.fill(0);
  }
}
