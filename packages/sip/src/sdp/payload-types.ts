import type { AudioCodec } from '@sordino/interception';
import { CODEC_FORMATS, meaningOf } from './codec-formats.ts';
import { DYNAMIC_PAYLOAD_TYPE_MIN, PAYLOAD_TYPE_MAX } from './sdp-limits.ts';

/** Telephone-events by their clock: they share the one of the audio beside them (RFC 4733 §2.1). */
export type EventEncoding = 'telephone-event/8000' | 'telephone-event/16000' | 'telephone-event/48000';
export type Encoding = AudioCodec | EventEncoding;

/** 101 is what nearly everybody has, and 110 what browsers have at the clock of Opus. */
const EVENTS: Readonly<Record<EventEncoding, number>> = {
  'telephone-event/8000': 101,
  'telephone-event/16000': 109,
  'telephone-event/48000': 110,
};

export const eventEncodingAt = (clockRateHz: number): EventEncoding =>
  clockRateHz === 48_000
    ? 'telephone-event/48000'
    : clockRateHz === 16_000
      ? 'telephone-event/16000'
      : 'telephone-event/8000';

const isEvent = (encoding: Encoding): encoding is EventEncoding => encoding.startsWith('telephone-event/');
const usual = (encoding: Encoding): number =>
  isEvent(encoding) ? EVENTS[encoding] : CODEC_FORMATS[encoding].usualPayloadType;
const meaning = (encoding: Encoding): string =>
  isEvent(encoding) ? encoding.toUpperCase() : meaningOf(CODEC_FORMATS[encoding]);

/**
 * Payload types over the life of one session: RFC 3264 §8.3.2 forbids to map a number to another codec later on, so a
 * number once used by either side keeps its meaning.
 */
export class PayloadTypes {
  readonly #ours = new Map<Encoding, number>();
  readonly #meaning = new Map<number, string>();

  /** What a description said, ours or the peer's. */
  remember(payloadType: number, means: string): void {
    if (!this.#meaning.has(payloadType)) this.#meaning.set(payloadType, means);
  }

  /** The number that this encoding has from now on. */
  use(encoding: Encoding, payloadType: number): void {
    this.#ours.set(encoding, payloadType);
    this.remember(payloadType, meaning(encoding));
  }

  /** The number to offer this encoding with. */
  numberFor(encoding: Encoding): number {
    const known = this.#ours.get(encoding);
    if (known !== undefined) return known;
    let payloadType = usual(encoding);
    const means = meaning(encoding);
    const isTaken = (number: number): boolean => (this.#meaning.get(number) ?? means) !== means;
    for (let next = DYNAMIC_PAYLOAD_TYPE_MIN; isTaken(payloadType) && next <= PAYLOAD_TYPE_MAX; next++) {
      payloadType = next;
    }
    this.use(encoding, payloadType);
    return payloadType;
  }
}
