import type { AudioCodec } from '../codecs/audio-codec.ts';
import { linearRateHz } from '../codecs/audio-codec.ts';
import type { G711Codec } from '../codecs/g711.ts';

/**
 * What the delay line holds of the customer's audio. A law of G.711: codes, which leave as they came. `linear8`, `linear16`:
 * samples, which are encoded as they leave, so that what was masked never was in the encoder's memory. `opus`: no samples;
 * whole packets are kept beside the line, because only whole packets can leave as they came.
 */
export type LineFormat = G711Codec | 'linear8' | 'linear16' | 'opus';
export type SampledFormat = Exclude<LineFormat, 'opus'>;

export type LineUnits = Uint8Array | Int16Array;

export function lineFormatOf(customer: AudioCodec, clean: AudioCodec): LineFormat {
  if (clean === 'opus' && customer === 'opus') return 'opus';
  if (isG711(clean) && isG711(customer)) return clean;
  return linearRateHz(clean) === 8000 ? 'linear8' : 'linear16';
}

export const isG711 = (codec: AudioCodec | LineFormat): codec is G711Codec =>
  codec === 'PCMU' || codec === 'PCMA';

/** Units of the line for each tick of the stream. */
export const unitsPerTick = (format: LineFormat): number =>
  format === 'opus' ? 0 : format === 'linear16' ? 2 : 1;

export const makeUnits = (format: LineFormat, count: number): LineUnits =>
  isG711(format) ? new Uint8Array(count) : new Int16Array(count);
