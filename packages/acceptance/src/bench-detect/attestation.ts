import { Attestor } from '@sordino/media';
import { decodeG711, encodeG711, SAMPLES_PER_MS } from '@sordino/testkit';
import { music, whistling } from './melodies.ts';
import type { Voice } from './prompts.ts';

const FRAME_MS = 20;
const FRAME_SAMPLES = FRAME_MS * SAMPLES_PER_MS;
/** Frames for which the cost is measured, of the loudest sound there is: the least of many turns, since others use the machine too. */
const FRAMES_TIMED = 1000;
const TURNS_TIMED = 50;

/** What the detector that listens to leg 7 makes of sound without keys that no mask was in the way of. Each alarm would mute leg 7. */
export interface Alarms {
  readonly speech: number;
  readonly music: number;
  readonly whistling: number;
  readonly usPerFrame: number;
}

export function measureAlarms(voices: readonly Voice[], seed: number, melodyMs: number): Alarms {
  const melody = music(melodyMs, seed);
  return {
    speech: voices.reduce((sum, { samples }) => sum + alarmsIn(samples), 0),
    music: alarmsIn(melody),
    whistling: alarmsIn(whistling(melodyMs, seed)),
    usPerFrame: costOf(melody),
  };
}

function alarmsIn(samples: Int16Array): number {
  const attestor = new Attestor();
  listen(attestor, decodeG711('PCMU', encodeG711('PCMU', samples)));
  return attestor.heard().tonesOut;
}

function listen(attestor: Attestor, samples: Int16Array): void {
  for (let from = 0; from + FRAME_SAMPLES <= samples.length; from += FRAME_SAMPLES) {
    attestor.hear(samples.subarray(from, from + FRAME_SAMPLES), FRAME_SAMPLES, from / SAMPLES_PER_MS, true);
  }
}

function costOf(loud: Int16Array): number {
  const frames = loud.subarray(0, FRAMES_TIMED * FRAME_SAMPLES);
  const attestor = new Attestor();
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < TURNS_TIMED; turn += 1) {
    const startMs = performance.now();
    listen(attestor, frames);
    least = Math.min(least, performance.now() - startMs);
  }
  return (1000 * least) / (frames.length / FRAME_SAMPLES);
}
