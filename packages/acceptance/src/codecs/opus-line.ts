import { createRequire } from 'node:module';
import { concatSamples, SAMPLE_RATE_HZ, SAMPLES_PER_MS } from '@sordino/testkit';

/** Required: Node finds no default export in this CommonJS module under every loader that runs us. */
const OpusScript: typeof import('opusscript') = createRequire(import.meta.url)('opusscript');
type OpusRateHz = 8_000 | 48_000;

/** How a phone encodes. */
export interface OpusShape {
  readonly rateHz: OpusRateHz;
  /** The speech mode, with linear prediction; else the music mode, which is made of spectra alone. */
  readonly isSpeech: boolean;
  readonly bitsPerSecond: number;
  /** Each packet also holds the frame before it, at a lower rate (RFC 6716 §2.1.7). */
  readonly repeats: boolean;
}

/** A telephone application on a thin line, and a browser. */
export const OPUS_APPLICATION: OpusShape = {
  rateHz: 8_000,
  isSpeech: true,
  bitsPerSecond: 20_000,
  repeats: true,
};
export const OPUS_BROWSER: OpusShape = {
  rateHz: 48_000,
  isSpeech: false,
  bitsPerSecond: 40_000,
  repeats: false,
};

/** Of libopus' `opus_defines.h`. */
const SET_INBAND_FEC = 4012;
const SET_PACKET_LOSS_PERCENT = 4014;
/** It repeats only what it is told to be lost. */
const EXPECTED_LOSS_PERCENT = 20;

/** Samples of 8 kHz in packets of `packetTimeMs`, of whatever length each; the last that is not whole is left out. */
export function encodeOpus(samples: Int16Array, packetTimeMs: number, shape: OpusShape): Uint8Array[] {
  const { VOIP, AUDIO } = OpusScript.Application;
  const codec = new OpusScript(shape.rateHz, 1, shape.isSpeech ? VOIP : AUDIO);
  try {
    codec.setBitrate(shape.bitsPerSecond);
    if (shape.repeats) {
      codec.encoderCTL(SET_INBAND_FEC, 1);
      codec.encoderCTL(SET_PACKET_LOSS_PERCENT, EXPECTED_LOSS_PERCENT);
    }
    const pcm = atRate(samples, shape.rateHz);
    const length = (packetTimeMs * shape.rateHz) / 1_000;
    return Array.from({ length: Math.floor(pcm.length / length) }, (_, n) => {
      const frame = Buffer.from(pcm.slice(n * length, (n + 1) * length).buffer);
      return Uint8Array.from(codec.encode(frame, length));
    });
  } finally {
    codec.delete();
  }
}

/** What a phone that works at 8 kHz hears of each packet; of one that no decoder takes, nothing. */
export function decodeOpus(payloads: readonly Uint8Array[]): Int16Array[] {
  const codec = new OpusScript(SAMPLE_RATE_HZ, 1, OpusScript.Application.VOIP);
  try {
    return payloads.map((payload) => {
      const decoded = Uint8Array.from(codec.decode(Buffer.from(payload)));
      return new Int16Array(decoded.buffer);
    });
  } finally {
    codec.delete();
  }
}

/** There and back: what a phone with this codec makes of a voice, of the same length to the frame. */
export const throughOpusFrames = (samples: Int16Array, shape: OpusShape): Int16Array =>
  concatSamples(...decodeOpus(encodeOpus(samples, FRAME_MS, shape)));

const FRAME_MS = 20;

/** Straight lines between samples: what they add is above 4 kHz, which nobody here hears. */
function atRate(samples: Int16Array, rateHz: OpusRateHz): Int16Array {
  const factor = rateHz / (1_000 * SAMPLES_PER_MS);
  return Int16Array.from({ length: samples.length * factor }, (_, n) => {
    const at = Math.floor(n / factor);
    const [one, other] = [samples[at] ?? 0, samples[at + 1] ?? samples[at] ?? 0];
    return Math.round(one + ((n % factor) / factor) * (other - one));
  });
}
