import type { AudioCodec, PlayOutcome } from '@sordino/interception';
import {
  type AudioEncoder,
  createEncoder,
  FLAT_TONE_DBM0,
  FLAT_TONE_HZ,
  type OpusLibrary,
  rmsOf,
  SAMPLE_RATE_HZ,
} from '@sordino/media';
import { FLAT_TONE, type Prompts } from '../prompts/load-prompts.ts';

/** Longer than any payment: a tone that nobody stops is stopped. */
const FLAT_TONE_S_MAX = 600;
/** 17 whole periods of 425 Hz: read in a circle, the phase never breaks. */
const FLAT_TONE_SAMPLES = 320;

/** The longest packet: 120 ms, and as L16 at 16 kHz. */
const TICKS_MAX = 960;
const OCTETS_MAX = 4 * TICKS_MAX;

interface Playing {
  readonly prompt: string;
  /** Read in a circle. */
  readonly pcm: Int16Array;
  readonly samples: number;
  at: number;
}

/** What is being played to one side, frame by frame; whoever sends the frames keeps the time. */
export class Player {
  readonly #prompts: Prompts;
  readonly #ended: (prompt: string, outcome: PlayOutcome) => void;
  readonly #opus: OpusLibrary;
  readonly #pcm = new Int16Array(TICKS_MAX);
  readonly #payload = new Uint8Array(OCTETS_MAX);
  #codec: AudioCodec = 'PCMU';
  #encoder: AudioEncoder | undefined;
  #playing: Playing | undefined;

  constructor(prompts: Prompts, opus: OpusLibrary, ended: (prompt: string, outcome: PlayOutcome) => void) {
    this.#prompts = prompts;
    this.#opus = opus;
    this.#ended = ended;
  }

  get isPlaying(): boolean {
    return this.#playing !== undefined;
  }

  /** In place of what was played before. False: there is no such prompt, and what plays goes on. */
  start(prompt: string): boolean {
    const pcm = prompt === FLAT_TONE ? flatTone : this.#prompts.get(prompt);
    if (pcm === undefined) return false;
    this.stop();
    const samples = prompt === FLAT_TONE ? FLAT_TONE_S_MAX * SAMPLE_RATE_HZ : pcm.length;
    this.#playing = { prompt, pcm, samples, at: 0 };
    return true;
  }

  stop(): void {
    this.#end('stopped');
  }

  /** The next `ticks` (1/8000 s) of it as a payload; silence after its end, so that the last frame is as long as all others. */
  next(ticks: number, codec: AudioCodec): Uint8Array {
    const playing = this.#playing;
    for (let n = 0; n < ticks; n += 1) this.#pcm[n] = playing === undefined ? 0 : sampleOf(playing, n);
    const octets = this.#encoderOf(codec).encode(this.#pcm, ticks, this.#payload);
    if (playing !== undefined) {
      playing.at += ticks;
      if (playing.at >= playing.samples) this.#end('finished');
    }
    return this.#payload.subarray(0, octets);
  }

  #encoderOf(codec: AudioCodec): AudioEncoder {
    if (codec !== this.#codec || this.#encoder === undefined) {
      this.#encoder?.reset();
      this.#encoder = createEncoder(codec, SAMPLE_RATE_HZ, this.#opus);
      this.#codec = codec;
    }
    return this.#encoder;
  }

  #end(outcome: PlayOutcome): void {
    const playing = this.#playing;
    this.#playing = undefined;
    this.#encoder?.reset();
    if (playing !== undefined) this.#ended(playing.prompt, outcome);
  }
}

function sampleOf({ pcm, samples, at }: Playing, n: number): number {
  return at + n < samples ? (pcm[(at + n) % pcm.length] ?? 0) : 0;
}

const flatTone = Int16Array.from({ length: FLAT_TONE_SAMPLES }, (_, n) =>
  Math.round(
    rmsOf(FLAT_TONE_DBM0) * Math.SQRT2 * Math.sin((2 * Math.PI * FLAT_TONE_HZ * n) / SAMPLE_RATE_HZ),
  ),
);
