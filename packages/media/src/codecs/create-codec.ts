import { type AudioCodec, type LinearRateHz, linearRateHz } from './audio-codec.ts';
import { type G711Codec, g711DecodeTable, g711EncodeTable } from './g711.ts';
import { G722Decoder, G722Encoder } from './g722/g722.ts';
import { l16Decoder, l16Encoder } from './l16.ts';
import { type AudioDecoder, type AudioEncoder, resetNothing } from './linear.ts';
import { OpusPacketEncoder } from './opus-packets.ts';
import { Doubler, Halver } from './resample.ts';

/** What this pure package needs of an Opus library: decoders and encoders at the rates that we work at. */
export interface OpusLibrary {
  decoder(rateHz: LinearRateHz): AudioDecoder;
  /** Frames of 10 or 20 ms: mono, of constant size for a given length (rule 3), without in-band FEC. */
  encoder(rateHz: LinearRateHz): AudioEncoder;
}

/** 120 ms at 16 kHz. */
const SAMPLES_MAX = 1920;

/** A decoder that gives samples at `rateHz`, whatever the codec's own rate is. */
export function createDecoder(codec: AudioCodec, rateHz: LinearRateHz, opus?: OpusLibrary): AudioDecoder {
  // Opus decodes to any rate by itself.
  if (codec === 'opus') return given(opus).decoder(rateHz);
  const own = ownDecoder(codec);
  const ownRateHz = linearRateHz(codec);
  if (ownRateHz === rateHz) return own;
  const converter = ownRateHz > rateHz ? new Halver() : new Doubler();
  const pcm = new Int16Array(SAMPLES_MAX);
  return {
    decode: (payload, length, into) => converter.convert(pcm, own.decode(payload, length, pcm), into),
    reset: () => {
      own.reset();
      converter.reset();
      pcm.fill(0);
    },
  };
}

/** An encoder that takes samples at `rateHz`. */
export function createEncoder(codec: AudioCodec, rateHz: LinearRateHz, opus?: OpusLibrary): AudioEncoder {
  if (codec === 'opus') return new OpusPacketEncoder(given(opus).encoder(rateHz), rateHz);
  const own = ownEncoder(codec);
  const ownRateHz = linearRateHz(codec);
  if (ownRateHz === rateHz) return own;
  const converter = ownRateHz < rateHz ? new Halver() : new Doubler();
  const converted = new Int16Array(SAMPLES_MAX);
  return {
    encode: (pcm, samples, into) => own.encode(converted, converter.convert(pcm, samples, converted), into),
    reset: () => {
      own.reset();
      converter.reset();
      converted.fill(0);
    },
  };
}

/** Without a library nothing can be inspected or made: a call in Opus fails at once, not in its first key. */
export function given(opus: OpusLibrary | undefined): OpusLibrary {
  if (opus === undefined) throw new RangeError('opus needs an Opus library, and none was given');
  return opus;
}

type OwnCodec = Exclude<AudioCodec, 'opus'>;

function ownDecoder(codec: OwnCodec): AudioDecoder {
  switch (codec) {
    case 'PCMU':
    case 'PCMA':
      return g711Decoder(codec);
    case 'G722':
      return new G722Decoder();
    case 'L16/8000':
    case 'L16/16000':
      return l16Decoder;
  }
}

function ownEncoder(codec: OwnCodec): AudioEncoder {
  switch (codec) {
    case 'PCMU':
    case 'PCMA':
      return g711Encoder(codec);
    case 'G722':
      return new G722Encoder();
    case 'L16/8000':
    case 'L16/16000':
      return l16Encoder;
  }
}

const g711Decoder = (codec: G711Codec): AudioDecoder => ({
  decode: (payload, length, into) => {
    const table = g711DecodeTable(codec);
    for (let n = 0; n < length; n += 1) into[n] = table[payload[n] ?? 0] ?? 0;
    return length;
  },
  reset: resetNothing,
});

const g711Encoder = (codec: G711Codec): AudioEncoder => ({
  encode: (pcm, samples, into) => {
    const table = g711EncodeTable(codec);
    for (let n = 0; n < samples; n += 1) into[n] = table[(pcm[n] ?? 0) & 0xffff] ?? 0;
    return samples;
  },
  reset: resetNothing,
});
