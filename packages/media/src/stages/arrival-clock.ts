import { SAMPLES_PER_MS } from '../tones/level.ts';

/** Sender's and our crystal differ by 200 ppm at the worst; the clock follows at most this fast, per ms. */
const SLEW_MS_PER_MS = 0.0005;
/** Share of the measured difference that one packet moves the clock by. */
const SLEW_GAIN = 1 / 64;

/** When each sample of the stream is due on our clock: learnt from the first packet, then slowly steered. */
export class ArrivalClock {
  #originMs = 0;
  #steeredMs = 0;

  /** The sample before `position` has just arrived. */
  start(position: number, nowMs: number): void {
    this.#originMs = nowMs - position / SAMPLES_PER_MS;
    this.#steeredMs = nowMs;
  }

  dueMs(position: number): number {
    return this.#originMs + position / SAMPLES_PER_MS;
  }

  /** Steers by a packet that ended at `position` and has just arrived. */
  observe(position: number, nowMs: number): void {
    const room = Math.max(0, nowMs - this.#steeredMs) * SLEW_MS_PER_MS;
    const error = (nowMs - this.dueMs(position)) * SLEW_GAIN;
    this.#originMs += Math.max(-room, Math.min(room, error));
    this.#steeredMs = nowMs;
  }
}
