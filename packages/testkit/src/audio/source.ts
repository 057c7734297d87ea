import { SAMPLES_PER_MS } from './samples.ts';

/** Endless audio, pulled by whoever paces it. */
export interface AudioSource {
  /** Fills all of `into` with the next samples. */
  read(into: Int16Array): void;
}

/** Plays `samples` once and then silence, or again and again. */
export function samplesSource(samples: Int16Array, options: { readonly loop?: boolean } = {}): AudioSource {
  let at = 0;
  return {
    read(into) {
      for (let index = 0; index < into.length; index++) {
        if (at >= samples.length && options.loop === true) at = 0;
        into[index] = samples[at] ?? 0;
        at += 1;
      }
    },
  };
}

/** The next `durationMs` of a source. */
export function take(source: AudioSource, durationMs: number): Int16Array {
  const samples = new Int16Array(Math.round(durationMs * SAMPLES_PER_MS));
  source.read(samples);
  return samples;
}
