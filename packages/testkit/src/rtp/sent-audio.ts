import { SAMPLES_PER_MS } from '../audio/samples.ts';
import type { TimedAudio } from '../audio/timed-audio.ts';

/** Ten minutes of audio: longer than any test call, 14 MB. What comes later is not recorded. */
const RECORDING_MAX_MS = 600_000;

const FIRST_CAPACITY = 8000 * 8;

/** What a phone sent, each frame at the instant its packet was due. Nothing is present where no audio packet went out. */
export class SentAudio {
  #startMs: number | undefined;
  #samples = new Int16Array(FIRST_CAPACITY);
  #present = new Uint8Array(FIRST_CAPACITY);
  #length = 0;

  /** Called by the phone for each audio packet it sends. */
  record(atMs: number, frame: Int16Array): void {
    this.#startMs ??= atMs;
    const offset = Math.round((atMs - this.#startMs) * SAMPLES_PER_MS);
    if (offset < this.#length || offset + frame.length > RECORDING_MAX_MS * SAMPLES_PER_MS) return;
    this.#reserve(offset + frame.length);
    this.#samples.set(frame, offset);
    this.#present.fill(1, offset, offset + frame.length);
    this.#length = offset + frame.length;
  }

  /** A copy of all that was sent so far. */
  timeline(): TimedAudio {
    return {
      startMs: this.#startMs ?? 0,
      samples: this.#samples.slice(0, this.#length),
      present: this.#present.slice(0, this.#length),
    };
  }

  #reserve(length: number): void {
    if (length <= this.#samples.length) return;
    const capacity = Math.max(length, this.#samples.length * 2);
    const samples = new Int16Array(capacity);
    samples.set(this.#samples);
    this.#samples = samples;
    const present = new Uint8Array(capacity);
    present.set(this.#present);
    this.#present = present;
  }
}
