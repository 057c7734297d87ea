import { nextTimestamp } from '../rtp/wraparound.ts';
import { EventAssembler } from '../telephone-event/assembler.ts';
import { eventBlocksIn, KEY_EVENT_MAX, readTelephoneEvent } from '../telephone-event/payload.ts';
import { RedundancyReader } from '../telephone-event/redundancy.ts';
import { HOP_MS } from '../tones/hop-bank.ts';
import { SAMPLES_PER_MS } from '../tones/level.ts';
import type { DelayLine } from './delay-line.ts';
import type { Hop, HopStage } from './hop.ts';
import type { KeyFusion } from './key-fusion.ts';
import type { CustomerPacket } from './stripper.ts';
import type { Timeline } from './timeline.ts';

/** A loudspeaker phone plays the key and its microphone hears it, up to this long after the event is over. */
const ACOUSTIC_TAIL_HOPS = 60 / HOP_MS;
/** No packet of a running event for this long: its end was lost. Events are sent every 50 ms at most (RFC 4733 §2.5.1.2). */
const EVENT_SILENCE_HOPS = 250 / HOP_MS;
/** ITU-T Q.24: receivers must hear a key of this length, and may take a shorter one for nothing. */
const KEY_SAMPLES_MIN = 40 * SAMPLES_PER_MS;
/** First dynamic payload type (RFC 3551 §6). */
const DYNAMIC_PAYLOAD_TYPE_MIN = 96;

/** Takes telephone-events out of the stream, tells which keys they are, and masks the audio beside them. */
export class EventRemoval implements HopStage {
  readonly name = 'event removal';
  readonly #line: DelayLine;
  readonly #timeline: Timeline;
  readonly #fusion: KeyFusion;
  readonly #assembler: EventAssembler;
  readonly #red = new RedundancyReader();
  #silentHops = 0;
  #removed = 0;
  /** The packet that is being read ends its event. */
  #isEnd = false;
  /** Of the key that runs, in samples; none: another event, or nothing. */
  #begunAt: number | undefined;
  #lastsUntil = 0;

  constructor(line: DelayLine, timeline: Timeline, fusion: KeyFusion, shortKey: () => void) {
    this.#line = line;
    this.#timeline = timeline;
    this.#fusion = fusion;
    this.#assembler = new EventAssembler({
      started: (event, timestamp) => {
        this.#begunAt = undefined;
        if (event <= KEY_EVENT_MAX) {
          this.#begunAt = this.#timeline.eventPositionOf(timestamp);
          this.#fusion.eventStarted(event, this.#begunAt);
        } else this.#fusion.otherEventStarted();
      },
      reaches: (timestamp) => {
        this.#lastsUntil = this.#timeline.eventPositionOf(timestamp);
        this.#fusion.eventReaches(this.#lastsUntil);
      },
      ended: () => {
        this.#fusion.eventEnded();
        // Only its own end says how long it was: one whose last packets were lost seems shorter than it is.
        if (this.#isEnd && this.#begunAt !== undefined && this.#lastsUntil - this.#begunAt < KEY_SAMPLES_MIN)
          shortKey();
        this.#begunAt = undefined;
      },
    });
  }

  get packetsRemoved(): number {
    return this.#removed;
  }

  get running(): boolean {
    return this.#assembler.running;
  }

  /**
   * False: the payload is no telephone-event. It is dropped all the same, and the audio beside it masked, because on
   * this payload type it can only be a damaged one.
   */
  packet(payload: Uint8Array, timestamp: number, ssrc: number): boolean {
    this.#removed += 1;
    this.#silentHops = 0;
    this.#mask();
    const blocks = eventBlocksIn(payload);
    let begins = timestamp;
    for (let block = 0; block < blocks; block += 1) {
      const event = readTelephoneEvent(payload, block);
      if (event === undefined) return false;
      this.#isEnd = event.end;
      this.#assembler.packet(event, begins, ssrc);
      this.#isEnd = false;
      // RFC 4733 §2.5.1.5: aggregated events follow each other without a gap.
      begins = nextTimestamp(begins, event.durationTicks);
    }
    return blocks > 0;
  }

  /**
   * Events that came otherwise than agreed: under a payload type of their own, or inside RED (RFC 2198), which we never
   * agree to. What else is in there is not taken. False: there are none.
   */
  unagreed(packet: CustomerPacket, agreedPayloadType: number | undefined): boolean {
    const { payload, payloadType, timestamp, ssrc } = packet;
    if (payloadType < DYNAMIC_PAYLOAD_TYPE_MIN) return false;
    if (looksLikeKeyEvent(payloadType, payload)) return this.packet(payload, timestamp, ssrc);
    let isFound = false;
    const blocks = this.#red.read(payload);
    for (let block = 0; block < blocks; block += 1) {
      const type = this.#red.payloadTypes[block] ?? 0;
      const part = payload.subarray(this.#red.begins[block], this.#red.ends[block]);
      if (type !== agreedPayloadType && !looksLikeKeyEvent(type, part)) continue;
      const begins = (timestamp - (this.#red.offsets[block] ?? 0)) >>> 0;
      if (this.packet(part, begins, ssrc)) isFound = true;
    }
    return isFound;
  }

  take(_hop: Hop): void {
    if (!this.#assembler.running) return;
    this.#line.maskAhead(ACOUSTIC_TAIL_HOPS);
    this.#silentHops += 1;
    if (this.#silentHops >= EVENT_SILENCE_HOPS) this.#assembler.silence();
  }

  wipe(): void {
    this.#assembler.wipe();
    this.#begunAt = undefined;
    this.#lastsUntil = 0;
    this.#silentHops = 0;
  }

  #mask(): void {
    this.#line.maskBack(this.#line.nextHop);
    this.#line.maskAhead(ACOUSTIC_TAIL_HOPS);
  }
}

/** An event sent without having been negotiated: a dynamic payload type carrying exactly one well-formed key event. */
function looksLikeKeyEvent(payloadType: number, payload: Uint8Array): boolean {
  if (payloadType < DYNAMIC_PAYLOAD_TYPE_MIN || eventBlocksIn(payload) !== 1) return false;
  const event = readTelephoneEvent(payload);
  return event !== undefined && event.event <= KEY_EVENT_MAX && ((payload[1] ?? 0) & 0x40) === 0;
}
