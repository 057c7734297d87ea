import type { Clock, Log } from '@sordino/core';
import { BoundedMap } from './bounded-map.ts';

const MINUTE_MS = 60_000;
/** Sources that are counted one by one. */
const SOURCES_MAX = 4_096;
/** Lines in a minute: a flood from everywhere must not become a flood of lines. */
const LINES_PER_MINUTE_MAX = 20;

/**
 * Says at once that a source did something, and then at most once a minute how often it did: a scanner sends thousands of
 * messages, and writing a line costs more than dropping one.
 */
export class RareLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #message: string;
  readonly #sources = new BoundedMap<string, { times: number; saidAtMs: number }>(SOURCES_MAX);
  #minuteAtMs = Number.NEGATIVE_INFINITY;
  #linesInMinute = 0;
  #unsaid = 0;

  constructor(log: Log, clock: Clock, message: string) {
    this.#log = log;
    this.#clock = clock;
    this.#message = message;
  }

  note(source: string): void {
    const nowMs = this.#clock.monotonicMs();
    let seen = this.#sources.get(source);
    if (seen === undefined) {
      seen = { times: 0, saidAtMs: Number.NEGATIVE_INFINITY };
      this.#sources.set(source, seen);
    }
    seen.times += 1;
    if (nowMs - seen.saidAtMs < MINUTE_MS) return;
    if (nowMs - this.#minuteAtMs >= MINUTE_MS) {
      this.#minuteAtMs = nowMs;
      this.#linesInMinute = 0;
    }
    if (this.#linesInMinute >= LINES_PER_MINUTE_MAX) {
      this.#unsaid += 1;
      return;
    }
    this.#linesInMinute += 1;
    const unsaid = this.#unsaid === 0 ? {} : { from_others: this.#unsaid };
    this.#log.warn(this.#message, { source, times: seen.times, ...unsaid });
    this.#unsaid = 0;
    seen.times = 0;
    seen.saidAtMs = nowMs;
  }
}
