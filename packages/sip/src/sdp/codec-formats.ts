import type { AudioCodec } from '@sordino/interception';
import type { Format } from './read-sdp.ts';

/** How a codec stands in a session description. */
export interface CodecFormat {
  readonly encoding: string;
  /** Of the RTP clock. RFC 3551 §4.5.2: 8000 for G.722, which samples at 16 kHz. */
  readonly clockRateHz: number;
  readonly channels: number;
  /** The static type of RFC 3551 §6, else what most have chosen. */
  readonly usualPayloadType: number;
  readonly parameters?: string;
}

export const CODEC_FORMATS: Readonly<Record<AudioCodec, CodecFormat>> = {
  PCMU: { encoding: 'PCMU', clockRateHz: 8_000, channels: 1, usualPayloadType: 0 },
  PCMA: { encoding: 'PCMA', clockRateHz: 8_000, channels: 1, usualPayloadType: 8 },
  G722: { encoding: 'G722', clockRateHz: 8_000, channels: 1, usualPayloadType: 9 },
  'L16/8000': { encoding: 'L16', clockRateHz: 8_000, channels: 1, usualPayloadType: 107 },
  'L16/16000': { encoding: 'L16', clockRateHz: 16_000, channels: 1, usualPayloadType: 108 },
  opus: {
    encoding: 'opus',
    // RFC 7587 §7: always 48000 and 2, whatever is sent. Mono, because what is in two channels cannot be inspected in one;
    // without FEC, which says again what a masked packet said; frames that our look-back is made for.
    clockRateHz: 48_000,
    channels: 2,
    usualPayloadType: 111,
    parameters: 'minptime=10;stereo=0;sprop-stereo=0;useinbandfec=0;usedtx=0',
  },
};

export function isCodec(format: Format, codec: AudioCodec): boolean {
  const { encoding, clockRateHz, channels } = CODEC_FORMATS[codec];
  return (
    format.encoding === encoding.toUpperCase() &&
    format.clockRateHz === clockRateHz &&
    format.channels === channels
  );
}

/** What a payload type means over the life of a session: encoding and clock. Two L16 are two formats. */
export const meaningOf = (format: Pick<Format, 'encoding' | 'clockRateHz'>): string =>
  `${format.encoding?.toUpperCase()}/${format.clockRateHz}`;
