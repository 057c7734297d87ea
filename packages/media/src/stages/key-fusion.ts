import type { KeyTransport } from '@sordino/core';
import { SAMPLES_PER_MS } from '../tones/level.ts';

/** An event and its tone may lie this far apart: a gateway's detection time, or the echo through a loudspeaker phone. */
const TOLERANCE_SAMPLES = 100 * SAMPLES_PER_MS;
/** A tone whose event has not come by then came without one. */
const EVENT_AWAITED_SAMPLES = 400 * SAMPLES_PER_MS;
/** Presses remembered: the fastest dialler makes 12 a second, and a partner comes within half a second. */
const PRESSES_MAX = 8;
/** Columns of the table of presses. */
const COLUMNS = 4;
const CODE = 0;
const TRANSPORTS = 1;
const BEGIN = 2;
const END = 3;
const BY_EVENT = 1;
const BY_TONE = 2;

export interface FusionSink {
  key(eventCode: number, transport: KeyTransport, onsetPosition: number): void;
  /** A key was heard as a tone only, although events were negotiated. */
  toneWithoutEvent(): void;
}

/**
 * One press, one key. The same key heard as event and as tone is one press when the two overlap, or lie within the
 * tolerance and neither has its partner yet; a second event is always a second press.
 */
export class KeyFusion {
  readonly name = 'key fusion';
  readonly #sink: FusionSink;
  /** 8 presses of 4 numbers: 256 bytes, so that wiping reaches them. */
  readonly #presses = new Float64Array(PRESSES_MAX * COLUMNS).fill(-1);
  #next = 0;
  #eventPress = -1;
  #tonePress = -1;
  #awaiting = -1;
  #keys = 0;

  constructor(sink: FusionSink) {
    this.#sink = sink;
  }

  get keys(): number {
    return this.#keys;
  }

  eventStarted(eventCode: number, position: number): void {
    const partner = this.#find(eventCode, BY_TONE, position, position, false);
    this.#eventPress =
      partner >= 0 ? this.#join(partner, BY_EVENT) : this.#press(eventCode, BY_EVENT, position);
  }

  /** An event that is no key: whatever ran before is over. */
  otherEventStarted(): void {
    this.#eventPress = -1;
  }

  eventReaches(position: number): void {
    this.#extend(this.#eventPress, position);
  }

  eventEnded(): void {
    this.#eventPress = -1;
  }

  toneStarted(eventCode: number, onset: number, position: number): void {
    const partner = this.#find(eventCode, BY_EVENT, onset, position, true);
    this.#tonePress = partner >= 0 ? this.#join(partner, BY_TONE) : this.#press(eventCode, BY_TONE, onset);
    this.#extend(this.#tonePress, position);
    this.#awaiting = this.#tonePress;
  }

  toneReaches(position: number): void {
    this.#extend(this.#tonePress, position);
  }

  /** Time goes on: a tone that has waited for its event long enough is told as one without. */
  awaitEvents(position: number): void {
    if (this.#awaiting < 0 || position < this.#at(this.#awaiting, BEGIN) + EVENT_AWAITED_SAMPLES) return;
    if (this.#at(this.#awaiting, TRANSPORTS) === BY_TONE) this.#sink.toneWithoutEvent();
    this.#awaiting = -1;
  }

  wipe(): void {
    this.#presses.fill(-1);
    this.#next = 0;
    this.#eventPress = -1;
    this.#tonePress = -1;
    this.#awaiting = -1;
  }

  #find(code: number, has: number, begin: number, end: number, sharing: boolean): number {
    for (let back = 0; back < PRESSES_MAX; back += 1) {
      const press = (this.#next - 1 - back + 2 * PRESSES_MAX) % PRESSES_MAX;
      if (this.#at(press, CODE) !== code) continue;
      const transports = this.#at(press, TRANSPORTS);
      const overlaps = begin <= this.#at(press, END) && end >= this.#at(press, BEGIN);
      // Two pieces of one tone may both belong to a long event; two events never belong to one tone.
      if (sharing && overlaps && (transports & has) !== 0) return press;
      const near =
        begin <= this.#at(press, END) + TOLERANCE_SAMPLES &&
        end >= this.#at(press, BEGIN) - TOLERANCE_SAMPLES;
      if (near && transports === has) return press;
    }
    return -1;
  }

  #press(code: number, transport: number, onset: number): number {
    const press = this.#next;
    this.#next = (press + 1) % PRESSES_MAX;
    this.#presses[press * COLUMNS + CODE] = code;
    this.#presses[press * COLUMNS + TRANSPORTS] = transport;
    this.#presses[press * COLUMNS + BEGIN] = onset;
    this.#presses[press * COLUMNS + END] = onset;
    this.#keys += 1;
    this.#sink.key(code, transport === BY_EVENT ? 'rfc4733' : 'inband', onset);
    return press;
  }

  #join(press: number, transport: number): number {
    this.#presses[press * COLUMNS + TRANSPORTS] = this.#at(press, TRANSPORTS) | transport;
    return press;
  }

  #extend(press: number, position: number): void {
    if (press >= 0 && position > this.#at(press, END)) this.#presses[press * COLUMNS + END] = position;
  }

  #at(press: number, column: number): number {
    return this.#presses[press * COLUMNS + column] ?? -1;
  }
}
