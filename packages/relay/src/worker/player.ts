import type { AudioCodec, PlayOutcome } from '@sordino/interception';
import { FLAT_TONE_DBM0, FLAT_TONE_HZ, g711EncodeTable, rmsOf, SAMPLE_RATE_HZ } from '@sordino/media';
import { FLAT_TONE, type Prompts } from '../prompts/load-prompts.ts';

/** Longer than any payment: a tone that nobody stops is stopped. */
const FLAT_TONE_S_MAX = 600;
/** 17 whole periods of 425 Hz: read in a circle, the phase never breaks. */
const FLAT_TONE_SAMPLES = 320;

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
  #playing: Playing | undefined;

  constructor(prompts: Prompts, ended: (prompt: string, outcome: PlayOutcome) => void) {
    this.#prompts = prompts;
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

  /** The next samples; silence after the last one, so that the last frame is as long as all others. */
  fill(frame: Uint8Array, codec: AudioCodec): void {
    const playing = this.#playing;
    if (playing === undefined) return;
    const encode = g711EncodeTable(codec);
    const { pcm, samples, at } = playing;
    for (let n = 0; n < frame.length; n += 1) {
      const sample = at + n < samples ? (pcm[(at + n) % pcm.length] ?? 0) : 0;
      frame[n] = encode[sample & 0xffff] ?? 0;
    }
    playing.at += frame.length;
    if (playing.at >= samples) this.#end('finished');
  }

  #end(outcome: PlayOutcome): void {
    const playing = this.#playing;
    this.#playing = undefined;
    if (playing !== undefined) this.#ended(playing.prompt, outcome);
  }
}

const flatTone = Int16Array.from({ length: FLAT_TONE_SAMPLES }, (_, n) =>
  Math.round(
    rmsOf(FLAT_TONE_DBM0) * Math.SQRT2 * Math.sin((2 * Math.PI * FLAT_TONE_HZ * n) / SAMPLE_RATE_HZ),
  ),
);
