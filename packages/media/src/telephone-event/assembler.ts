import { nextTimestamp, timestampDistance } from '../rtp/wraparound.ts';
import type { TelephoneEvent } from './payload.ts';

/** §2.5.1.3: an event longer than the duration field goes on in a segment that begins this many ticks later. */
const SEGMENT_TICKS = 0xffff;

export interface AssemblerSink {
  /** Once per event, from the first of its packets that arrives, whichever that is. */
  started(event: number, timestamp: number): void;
  /** Each packet of the running event, the first too: it lasts until `timestamp` at least. */
  reaches(timestamp: number): void;
  ended(): void;
}

/**
 * Makes events of event packets. An event is known by its SSRC and timestamp (RFC 4733 §2.5.1.2), so repeated,
 * reordered, duplicated and lost packets change nothing as long as one of them arrives.
 *
 *            packet with a newer timestamp: started()
 *   idle ------------------------------------------------> running --- packet, same timestamp: reaches() --+
 *    ^                                                      |  |  ^----------------------------------------+
 *    |          end bit, or the owner's silence timer       |  |
 *    +------------------------ ended() ---------------------+  +-- newer timestamp: ended(), started()
 */
export class EventAssembler {
  readonly #sink: AssemblerSink;
  #known = false;
  #ssrc = 0;
  #event = 0;
  #timestamp = 0;
  #running = false;

  constructor(sink: AssemblerSink) {
    this.#sink = sink;
  }

  get running(): boolean {
    return this.#running;
  }

  packet(event: TelephoneEvent, timestamp: number, ssrc: number): void {
    const age = this.#known && ssrc === this.#ssrc ? timestampDistance(this.#timestamp, timestamp) : 1;
    // Older than the newest event: a late or repeated packet of one that is told already.
    if (age < 0) return;
    if (age > 0 && !this.#continues(event.event, age, ssrc)) {
      this.silence();
      this.#sink.started(event.event, timestamp);
      this.#running = true;
    }
    this.#known = true;
    this.#ssrc = ssrc;
    this.#event = event.event;
    this.#timestamp = timestamp;
    if (!this.#running) return;
    this.#sink.reaches(nextTimestamp(timestamp, event.durationTicks));
    if (event.end) this.silence();
  }

  /** The running event is over: its end came, or nothing of it has come for too long (all its ends were lost). */
  silence(): void {
    if (!this.#running) return;
    this.#running = false;
    this.#sink.ended();
  }

  wipe(): void {
    this.#known = false;
    this.#running = false;
    this.#ssrc = 0;
    this.#event = 0;
    this.#timestamp = 0;
  }

  /** A next segment of a long press. Some senders cut at 0x10000, so one tick of tolerance. */
  #continues(event: number, age: number, ssrc: number): boolean {
    return (
      this.#running &&
      ssrc === this.#ssrc &&
      event === this.#event &&
      age % SEGMENT_TICKS <= Math.ceil(age / SEGMENT_TICKS)
    );
  }
}
