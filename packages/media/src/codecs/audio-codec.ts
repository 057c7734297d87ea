/**
 * The codecs of the media path. `L16/…` is told apart by its rate, as in RTP; Opus is always `opus/48000/2` (RFC 7587 §7),
 * whatever it carries.
 */
export type AudioCodec = 'PCMU' | 'PCMA' | 'G722' | 'L16/8000' | 'L16/16000' | 'opus';

/** Sampling rates at which audio is worked on: as it is detected, and wideband. */
export type LinearRateHz = 8000 | 16_000;

/**
 * The stream's own unit of time, whatever the codec: 1/8000 s, a sample at the rate at which keys are detected. Positions,
 * lengths and the look-back are counted in it.
 */
export const TICKS_PER_MS = 8;

/** The longest payload that is taken, in ticks: 120 ms, the longest packet that Opus has (RFC 6716 §3.2). */
export const PAYLOAD_TICKS_MAX = 120 * TICKS_PER_MS;

interface CodecTraits {
  readonly clockRateHz: number;
  readonly linearRateHz: LinearRateHz;
  /** 0: not by counting octets. */
  readonly octetsPerTick: number;
}

const TRAITS: Readonly<Record<AudioCodec, CodecTraits>> = {
  PCMU: { clockRateHz: 8000, linearRateHz: 8000, octetsPerTick: 1 },
  PCMA: { clockRateHz: 8000, linearRateHz: 8000, octetsPerTick: 1 },
  // RFC 3551 §4.5.2: sampled at 16 kHz, and by an old mistake the RTP clock has 8000 a second.
  G722: { clockRateHz: 8000, linearRateHz: 16_000, octetsPerTick: 1 },
  'L16/8000': { clockRateHz: 8000, linearRateHz: 8000, octetsPerTick: 2 },
  'L16/16000': { clockRateHz: 16_000, linearRateHz: 16_000, octetsPerTick: 4 },
  opus: { clockRateHz: 48_000, linearRateHz: 16_000, octetsPerTick: 0 },
};

/** Ticks of the codec's RTP clock in a second. */
export const rtpClockRateHz = (codec: AudioCodec): number => TRAITS[codec].clockRateHz;

/** RTP timestamps per tick of the stream: 1, 2 or 6. */
export const timestampsPerTick = (codec: AudioCodec): number =>
  TRAITS[codec].clockRateHz / (1000 * TICKS_PER_MS);

/** The rate that keeps all of the codec's band. */
export const linearRateHz = (codec: AudioCodec): LinearRateHz => TRAITS[codec].linearRateHz;

/** How long a payload plays, in ticks. 0: it is no whole payload of this codec, or longer than any we take. */
export function payloadTicks(codec: AudioCodec, payload: Uint8Array, length: number): number {
  const { octetsPerTick } = TRAITS[codec];
  const ticks = octetsPerTick === 0 ? opusTicks(payload, length) : length / octetsPerTick;
  return Number.isInteger(ticks) && ticks <= PAYLOAD_TICKS_MAX ? ticks : 0;
}

/** Octets of a payload of so many ticks; Opus chooses its own. */
export const payloadOctets = (codec: AudioCodec, ticks: number): number =>
  ticks * TRAITS[codec].octetsPerTick;

/** RFC 6716 §3.1, table 2: frame sizes of the three modes, by the lowest bits of `config`, in ticks. */
const SILK_TICKS = [80, 160, 320, 480] as const;
const HYBRID_TICKS = [80, 160] as const;
const CELT_TICKS = [20, 40, 80, 160] as const;
const STEREO_BIT = 0x04;

/**
 * RFC 6716 §3.1: what the first octet says about the length. 0 for what cannot be passed on after one look: a frame that
 * stands in two channels (a key in opposite phase would vanish in the mono that is listened to; our SDP asks for mono).
 */
function opusTicks(payload: Uint8Array, length: number): number {
  const toc = payload[0] ?? 0;
  if (length < 1 || (toc & STEREO_BIT) !== 0) return 0;
  const config = toc >> 3;
  const frameTicks =
    (config < 12
      ? SILK_TICKS[config & 3]
      : config < 16
        ? HYBRID_TICKS[config & 1]
        : CELT_TICKS[config & 3]) ?? 0;
  const code = toc & 3;
  if (code === 3) return length < 2 ? 0 : frameTicks * ((payload[1] ?? 0) & 0x3f);
  return code === 0 ? frameTicks : 2 * frameTicks;
}
