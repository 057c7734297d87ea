import { SAMPLES_PER_MS } from './samples.ts';

/**
 * Audio on the host's clock (`hostNowMs`): sample `i` belongs to `startMs + i / 8`. `present[i]` is 1 where there was
 * audio and 0 where there was none; `samples[i]` is 0 there. Plain data: it can be sent from process to process.
 */
export interface TimedAudio {
  readonly startMs: number;
  readonly samples: Int16Array;
  readonly present: Uint8Array;
}

export function endMsOf(audio: TimedAudio): number {
  return audio.startMs + audio.samples.length / SAMPLES_PER_MS;
}

/** The part from `fromMs` to `toMs`, always of that full length: what lies outside the recording is absent. */
export function sliceTimed(audio: TimedAudio, fromMs: number, toMs: number): TimedAudio {
  const length = Math.max(0, Math.round((toMs - fromMs) * SAMPLES_PER_MS));
  const samples = new Int16Array(length);
  const present = new Uint8Array(length);
  const offset = Math.round((fromMs - audio.startMs) * SAMPLES_PER_MS);
  const from = Math.max(0, offset);
  const to = Math.min(audio.samples.length, offset + length);
  if (to > from) {
    samples.set(audio.samples.subarray(from, to), from - offset);
    present.set(audio.present.subarray(from, to), from - offset);
  }
  return { startMs: fromMs, samples, present };
}
