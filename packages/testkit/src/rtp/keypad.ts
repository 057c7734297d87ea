import { dtmfTone } from '../audio/dtmf.ts';
import { mixInto, SAMPLES_PER_MS } from '../audio/samples.ts';
import { PACKET_MS } from './pacer.ts';

/** How a phone tells which key was pressed: RFC 4733 packets, a tone in its audio, or both at once. */
export type KeyTransport = 'events' | 'inband' | 'both';

export interface KeyPressOptions {
  readonly how: KeyTransport;
  readonly durationMs?: number;
  /** Pause after the key, before the next one of a series can begin. */
  readonly gapMs?: number;
  /** Level of each of the tone's two frequencies, in-band. */
  readonly levelDbm0?: number;
  readonly twistDb?: number;
}

/** When the key was down, on the host's clock: the span of the tone's samples, or of the event's duration. */
export interface PressedKey {
  readonly key: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface EventPacket {
  readonly payload: Uint8Array;
  readonly timestamp: number;
  readonly marker: boolean;
}

export interface KeypadTick {
  readonly events: readonly EventPacket[];
  /** An event is running and the key is on no other transport. */
  readonly eventOnly: boolean;
}

/** Below this many decoders miss a key (ITU-T Q.24), above it feels slow; phones send about this. */
const KEY_MS = 100;
const GAP_MS = 120;
/** RFC 4733 §2.5.1.3: the duration field has 16 bits; a longer event needs segments, which no keypad sends. */
const KEY_MAX_MS = 8000;
/** RFC 4733 §2.5.1.4: the final packet is sent three times. */
const END_PACKETS = 3;
/** A person keying a number speaks more softly, or turns away. */
const SPEECH_WHILE_KEYING = 10 ** (-8 / 20);
const EVENT_VOLUME_MINUS_DBM0 = 10;
const EVENT_CODES = '0123456789*#ABCD';

interface Press {
  readonly key: string;
  readonly how: KeyTransport;
  readonly durationMs: number;
  readonly gapMs: number;
  readonly tone: Int16Array;
  readonly done: (pressed: PressedKey) => void;
  readonly failed: (error: Error) => void;
  start?: { readonly atMs: number; readonly timestamp: number };
  endMs?: number;
  endPacketsSent: number;
}

/** The keys of one phone, pressed one after another, in steps of one packet. */
export class Keypad {
  readonly #waiting: Press[] = [];
  #speechGain = 1;

  press(key: string, options: KeyPressOptions): Promise<PressedKey> {
    const { how, durationMs = KEY_MS, gapMs = GAP_MS } = options;
    if (!(durationMs > 0 && durationMs <= KEY_MAX_MS)) {
      throw new RangeError(`key duration is ${durationMs} ms: must be above 0 and at most ${KEY_MAX_MS} ms`);
    }
    if (!(gapMs >= 0)) throw new RangeError(`gap after the key is ${gapMs} ms: must not be negative`);
    const tone = dtmfTone(key, { ...options, durationMs });
    return new Promise((done, failed) => {
      this.#waiting.push({ key, how, durationMs, gapMs, tone, done, failed, endPacketsSent: 0 });
    });
  }

  /** One packet interval: mixes what belongs in-band into `frame` and says which event packets go out. */
  tick(atMs: number, timestamp: number, frame: Int16Array, ticksPerMs = SAMPLES_PER_MS): KeypadTick {
    const press = this.#current(atMs, timestamp, ticksPerMs);
    if (press?.start === undefined) {
      this.#fadeSpeech(frame, 1);
      return { events: [], eventOnly: false };
    }
    const elapsedMs = elapsedOf(press.start, timestamp, ticksPerMs);
    const down = elapsedMs < press.durationMs;
    if (press.how !== 'events') {
      this.#fadeSpeech(frame, down ? SPEECH_WHILE_KEYING : 1);
      mixInto(frame, press.tone, -Math.round(elapsedMs * SAMPLES_PER_MS));
    }
    const { timestamp: startsAt } = press.start;
    const events = press.how === 'inband' ? [] : this.#eventPackets(press, elapsedMs, startsAt, ticksPerMs);
    return { events, eventOnly: press.how === 'events' && down };
  }

  /** Every key not yet done fails with `error`. */
  abandon(error: Error): void {
    for (const press of this.#waiting.splice(0)) press.failed(error);
  }

  /** The press that is down, or pausing after it; finished ones are settled on the way. */
  #current(atMs: number, timestamp: number, ticksPerMs: number): Press | undefined {
    const press = this.#waiting[0];
    if (press === undefined) return undefined;
    press.start ??= { atMs, timestamp };
    const overMs = elapsedOf(press.start, timestamp, ticksPerMs) - press.durationMs;
    if (overMs >= 0) press.endMs ??= atMs - overMs;
    const eventDone = press.how === 'inband' || press.endPacketsSent >= END_PACKETS;
    if (press.endMs === undefined || overMs < press.gapMs || !eventDone) return press;
    this.#waiting.shift();
    press.done({ key: press.key, startMs: press.start.atMs, endMs: press.endMs });
    return this.#current(atMs, timestamp, ticksPerMs);
  }

  #eventPackets(press: Press, elapsedMs: number, timestamp: number, ticksPerMs: number): EventPacket[] {
    if (elapsedMs >= press.durationMs && press.endPacketsSent >= END_PACKETS) return [];
    const end = elapsedMs >= press.durationMs;
    if (end) press.endPacketsSent += 1;
    // The duration counts up to the end of this packet's interval, as an audio packet carries its whole interval.
    const durationMs = Math.min(press.durationMs, elapsedMs + PACKET_MS);
    const payload = telephoneEventPayload(press.key, end, Math.round(durationMs * ticksPerMs));
    // RFC 4733 §2.3: the marker bit is set on the first packet of an event.
    return [{ payload, timestamp, marker: elapsedMs === 0 }];
  }

  #fadeSpeech(frame: Int16Array, target: number): void {
    const from = this.#speechGain;
    if (from === 1 && target === 1) return;
    for (let at = 0; at < frame.length; at++) {
      const gain = from + ((target - from) * at) / frame.length;
      frame[at] = Math.round((frame[at] ?? 0) * gain);
    }
    this.#speechGain = target;
  }
}

/** By the audio that went out, not by the clock: a phone that stood still goes on with its key where it was. */
const elapsedOf = (start: { readonly timestamp: number }, timestamp: number, ticksPerMs: number): number =>
  ((timestamp - start.timestamp) >>> 0) / ticksPerMs;

/** RFC 4733 §2.3: event code, E bit, volume (in -dBm0), duration in ticks. */
export function telephoneEventPayload(key: string, end: boolean, durationTicks: number): Uint8Array {
  const code = EVENT_CODES.indexOf(key);
  return Uint8Array.of(
    code,
    (end ? 0x80 : 0) | EVENT_VOLUME_MINUS_DBM0,
    durationTicks >> 8,
    durationTicks & 0xff,
  );
}
