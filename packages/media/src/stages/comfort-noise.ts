import { type AudioCodec, linearRateHz } from '../codecs/audio-codec.ts';
import { createEncoder, given, type OpusLibrary } from '../codecs/create-codec.ts';
import type { AudioEncoder } from '../codecs/linear.ts';
import { isG711 } from './line-format.ts';
import { opusReplacement } from './opus-replacement.ts';
import { type ReplacementAudio, replacementAudio } from './replacement-audio.ts';

/** 120 ms of L16 at 16 kHz. */
const OCTETS_MAX = 3840;

/** A stream of quiet noise of fixed content, in any codec. */
export class ComfortNoise {
  readonly #next: (ticks: number) => Uint8Array;

  constructor(codec: AudioCodec, opus?: OpusLibrary) {
    let position = 0;
    const make = isG711(codec)
      ? fromCircle(codec)
      : codec === 'opus'
        ? opusPackets(given(opus))
        : encoded(codec);
    this.#next = (ticks) => {
      const payload = make(position, ticks);
      position += ticks;
      return payload;
    };
  }

  /** The next `ticks` of it. Valid until the next call. */
  next(ticks: number): Uint8Array {
    return this.#next(ticks);
  }
}

type Make = (position: number, ticks: number) => Uint8Array;

function fromCircle(codec: 'PCMU' | 'PCMA'): Make {
  const circle = replacementAudio('comfort_noise', codec);
  const payload = new Uint8Array(OCTETS_MAX);
  return (position, ticks) => {
    for (let n = 0; n < ticks; n += 1) payload[n] = circle[(position + n) % circle.length] ?? 0;
    return payload.subarray(0, ticks);
  };
}

function opusPackets(opus: OpusLibrary): Make {
  const noise = opusReplacement('comfort_noise', opus);
  return (position, ticks) => noise.packet(position, ticks);
}

function encoded(codec: AudioCodec): Make {
  const rateHz = linearRateHz(codec);
  const perTick = rateHz / 8000;
  const circle: ReplacementAudio = replacementAudio('comfort_noise', perTick === 2 ? 'linear16' : 'linear8');
  const encoder: AudioEncoder = createEncoder(codec, rateHz);
  const pcm = new Int16Array(OCTETS_MAX / 2);
  const payload = new Uint8Array(OCTETS_MAX);
  return (position, ticks) => {
    const samples = ticks * perTick;
    for (let n = 0; n < samples; n += 1) pcm[n] = circle[(position * perTick + n) % circle.length] ?? 0;
    return payload.subarray(0, encoder.encode(pcm, samples, payload));
  };
}
