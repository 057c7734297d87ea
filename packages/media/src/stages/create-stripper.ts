import { given } from '../codecs/create-codec.ts';
import { PAYLOAD_BYTES_MAX, ReorderBuffer } from '../rtp/reorder-buffer.ts';
import { HOP_MS, HopBank } from '../tones/hop-bank.ts';
import { SAMPLES_PER_MS } from '../tones/level.ts';
import { AUDIBLE_HOP_ENERGY } from '../tones/masking-detector.ts';
import { ArrivalClock } from './arrival-clock.ts';
import { CleanFramer } from './clean-framer.ts';
import { HopDecoder } from './decode.ts';
import { DelayLine } from './delay-line.ts';
import { EventRemoval } from './event-removal.ts';
import { KeyFusion } from './key-fusion.ts';
import { type LineFormat, lineFormatOf } from './line-format.ts';
import { MaskApply } from './mask-apply.ts';
import { MaskDetect } from './mask-detect.ts';
import { MaskHolder } from './mask-hold.ts';
import type { Framer, OutputState } from './output-state.ts';
import { PacketFramer } from './packet-framer.ts';
import { PacketStore } from './packet-store.ts';
import { createReader } from './payload-reader.ts';
import type { CreateStripper, CustomerPacket, Stripper, StripperOptions, StripperSink } from './stripper.ts';
import { GRACE_MS, Timeline } from './timeline.ts';
import { ToneCapture } from './tone-capture.ts';

/** A longer look-back would be heard as an echo-like lag by the two people. */
export const LOOKBACK_MS_MAX = 200;
/** Packet times of leg 7 (RFC 3551 §4.2 knows up to 200 ms; nobody uses more than 60). */
export const PACKET_TIME_MS_MAX = 60;
/** Behind by more than this, the whole worker stood still: going on is kinder than sending all at once. */
const STALL_MAX_MS = 500;
/** How exact frames are that leave by the clock: far below what a jitter buffer sees. */
const PACE_MS = 2;
/** Packets of the SSRC that was just replaced are the old path's stragglers for this long. */
const RETIRED_SSRC_MS = 500;

/**
 * The path of the customer's voice, and the end of the path for keys:
 *
 *   packet -> event removal -> (keys)        every 5 ms hop:
 *          -> reorder buffer -> timeline -> decode -> delay line -> mask detect -> tone capture -> (keys)
 *                                                         |
 *   leg 7  <- clean framer <- mask apply <- mask hold <---+            key fusion -> sink.key
 *
 * Starts with the first packet. From then on one frame leaves per packet time: on arrival, or, where the hold hides
 * keys or the customer's packets are longer than ours, paced by the clock. Throws a RangeError for options it cannot serve.
 */
export const createStripper: CreateStripper = (options, sink) => new StripperChain(options, sink);

type Route = Parameters<Stripper['reconfigure']>[0];

class StripperChain implements Stripper {
  readonly #sink: StripperSink;
  readonly #clock = new ArrivalClock();
  readonly #bank = new HopBank();
  readonly #reorder: ReorderBuffer;
  readonly #line: DelayLine;
  readonly #decoder: HopDecoder;
  readonly #timeline: Timeline;
  readonly #fusion: KeyFusion;
  readonly #events: EventRemoval;
  readonly #detect: MaskDetect;
  readonly #capture: ToneCapture;
  readonly #holder: MaskHolder;
  readonly #options: StripperOptions;
  readonly #packets = new PacketStore();
  readonly #output: OutputState = {
    frames: 0,
    framesReplaced: 0,
    maskedTicks: 0,
    afterPause: true,
    maskIsOff: false,
  };
  #framer: Framer;
  #route: Route;
  #nowMs = 0;
  #started = false;
  #ssrc = 0;
  #retiredSsrc = -1;
  #retiredAtMs = 0;
  #uninspectable = 0;
  #toneUnexpected = false;
  #eventUnexpected = false;

  constructor(options: StripperOptions, sink: StripperSink) {
    requireServable(options);
    this.#sink = sink;
    this.#options = options;
    this.#route = options;
    const format = lineFormatOf(options.customerCodec, options.cleanCodec);
    this.#line = new DelayLine(Math.ceil(options.lookbackMs / HOP_MS), format);
    this.#decoder = new HopDecoder(this.#reader(options), this.#line.nextHop, (hop) => {
      this.#bank.add(hop.pcm, AUDIBLE_HOP_ENERGY, hop.lost);
      this.#line.take(hop);
      this.#detect.take(hop);
      this.#capture.take(hop);
      this.#events.take(hop);
      if (this.#capture.running || this.#events.running) this.#holder.key(hop.index);
    });
    this.#timeline = new Timeline(this.#decoder, this.#clock, options.packetTimeMs * SAMPLES_PER_MS);
    this.#reorder = new ReorderBuffer((payload, length, timestamp, newStream) => {
      if (length === 0) return;
      if (!this.#timeline.audio(payload, length, timestamp, newStream, this.#nowMs)) this.#uninspectable += 1;
    });
    this.#fusion = new KeyFusion({
      key: (code, transport, position) => {
        this.#holder.key(this.#line.nextHop);
        if (transport === 'inband') this.#detect.expectKeys();
        this.#sink.key(code, transport, Math.min(this.#nowMs, this.#clock.dueMs(position)));
      },
      toneWithoutEvent: () => {
        if (this.#toneUnexpected || this.#route.customerEventPayloadType === undefined) return;
        this.#toneUnexpected = true;
        this.#sink.transportUnexpected('inband');
      },
    });
    this.#events = new EventRemoval(this.#line, this.#timeline, this.#fusion, () => sink.shortKey());
    this.#detect = new MaskDetect(this.#bank, this.#line);
    this.#capture = new ToneCapture(this.#bank, this.#fusion);
    this.#holder = new MaskHolder(options.mask.hold);
    this.#framer = this.#framerFor(format, options.cleanCodec);
  }

  packet(packet: CustomerPacket, nowMs: number): void {
    this.#nowMs = nowMs;
    if (!this.#admit(packet, nowMs)) return;
    this.#keepUp(nowMs);
    this.#reorder.offer(packet.sequence, packet.timestamp, packet.payload, this.#audioLength(packet));
    this.#deliverWhatIsPast();
    this.#send(nowMs);
  }

  beside(packet: CustomerPacket, nowMs: number): void {
    if (!this.#started || packet.payloadType === this.#route.customerAudioPayloadType) return;
    this.#nowMs = nowMs;
    this.#keepUp(nowMs);
    this.#audioLength(packet);
    this.#send(nowMs);
  }

  tick(nowMs: number): void {
    if (!this.#started) return;
    this.#nowMs = nowMs;
    this.#keepUp(nowMs);
    this.#send(nowMs);
  }

  dueMs(nowMs: number): number {
    if (!this.#started) return Number.POSITIVE_INFINITY;
    return this.#isPaced ? nowMs + PACE_MS : this.#overdueAtMs();
  }

  reconfigure(options: Parameters<Stripper['reconfigure']>[0]): void {
    // What is held came in the old codec.
    while (this.#reorder.giveUp());
    const { customerCodec, cleanCodec } = this.#route;
    this.#route = options;
    if (options.customerCodec === customerCodec && options.cleanCodec === cleanCodec) return;
    const clock = this.#decoder.timestampsPerTick;
    this.#decoder.use(this.#reader(options));
    if (this.#decoder.timestampsPerTick !== clock) this.#timeline.newClock();
    const format = lineFormatOf(options.customerCodec, options.cleanCodec);
    if (format === lineFormatOf(customerCodec, cleanCodec) && options.cleanCodec === cleanCodec) return;
    this.#line.use(format);
    this.#framer.wipe();
    this.#framer = this.#framerFor(format, options.cleanCodec);
  }

  maskOff(): void {
    this.#output.maskIsOff = true;
  }

  setCollecting(collecting: boolean): void {
    this.#holder.collect(collecting, this.#line.nextHop);
    this.#detect.collect(collecting);
  }

  figures(): ReturnType<Stripper['figures']> {
    return {
      framesOut: this.#output.frames,
      framesReplaced: this.#output.framesReplaced,
      maskedMs: this.#output.maskedTicks / SAMPLES_PER_MS,
      eventPacketsRemoved: this.#events.packetsRemoved,
      keys: this.#fusion.keys,
      packetsLost: this.#reorder.lost,
      packetsUninspectable: this.#uninspectable,
    };
  }

  wipe(): void {
    this.#started = false;
    this.#output.afterPause = true;
    this.#retiredSsrc = -1;
    for (const part of [this.#bank, this.#reorder, this.#line, this.#decoder, this.#timeline, this.#fusion]) {
      part.wipe();
    }
    for (const part of [this.#events, this.#detect, this.#capture, this.#holder, this.#framer]) part.wipe();
  }

  #reader(route: Route): ReturnType<typeof createReader> {
    return createReader(route.customerCodec, route.cleanCodec, this.#packets, this.#options.opus);
  }

  #framerFor(format: LineFormat, codec: StripperOptions['cleanCodec']): Framer {
    const { packetTimeMs, mask, opus } = this.#options;
    const [line, packets, holder, clock] = [this.#line, this.#packets, this.#holder, this.#clock];
    if (format === 'opus') {
      const parts = { line, packets, holder, clock };
      return new PacketFramer(packetTimeMs, mask.style, given(opus), parts, this.#sink, this.#output);
    }
    const apply = new MaskApply(line, holder, mask.style, format, this.#output);
    const parts = { line, mask: apply, clock };
    return new CleanFramer(packetTimeMs, format, codec, opus, parts, this.#sink, this.#output);
  }

  /** Starts with the first packet; follows a change of SSRC, but not back to the one it came from. */
  #admit(packet: CustomerPacket, nowMs: number): boolean {
    if (!this.#started) {
      this.#started = true;
      this.#ssrc = packet.ssrc;
      const isAudio = packet.payloadType === this.#route.customerAudioPayloadType;
      const ticks = isAudio ? this.#decoder.ticksOf(packet.payload, packet.payload.length) : 0;
      this.#clock.start(this.#decoder.position + ticks, nowMs);
      return true;
    }
    if (packet.ssrc === this.#ssrc) return true;
    if (packet.ssrc === this.#retiredSsrc && nowMs - this.#retiredAtMs < RETIRED_SSRC_MS) return false;
    this.#retiredSsrc = this.#ssrc;
    this.#retiredAtMs = nowMs;
    this.#ssrc = packet.ssrc;
    this.#reorder.restart();
    return true;
  }

  /** Bytes of audio to take from a packet; 0 for an event, and for what cannot be inspected and so never passes. */
  #audioLength(packet: CustomerPacket): number {
    const { payload, payloadType } = packet;
    if (payloadType === this.#route.customerEventPayloadType) {
      if (!this.#events.packet(payload, packet.timestamp, packet.ssrc)) this.#uninspectable += 1;
      return 0;
    }
    if (payloadType === this.#route.customerAudioPayloadType) {
      if (payload.length > 0 && payload.length <= PAYLOAD_BYTES_MAX) return payload.length;
    } else if (this.#events.unagreed(packet, this.#route.customerEventPayloadType)) {
      // design: keys on the wrong transport are told, and captured all the same.
      if (!this.#eventUnexpected) this.#sink.transportUnexpected('rfc4733');
      this.#eventUnexpected = true;
      return 0;
    }
    this.#uninspectable += 1;
    return 0;
  }

  /** What should have come by now and has not is replaced; a packet held for order is waited for no longer. */
  #keepUp(nowMs: number): void {
    if (nowMs - this.#overdueAtMs() > STALL_MAX_MS) {
      this.#clock.start(this.#decoder.position, nowMs);
      this.#output.afterPause = true;
    }
    while (nowMs >= this.#overdueAtMs()) {
      if (!this.#reorder.giveUp()) this.#decoder.missing(this.#timeline.packetSamples);
    }
  }

  #overdueAtMs(): number {
    return this.#clock.dueMs(this.#decoder.position + this.#timeline.packetSamples) + GRACE_MS;
  }

  /** A held packet waits for one whose place has been filled already: there is nothing to wait for. */
  #deliverWhatIsPast(): void {
    for (;;) {
      const timestamp = this.#reorder.heldTimestamp();
      if (timestamp === undefined) return;
      const position = this.#timeline.positionOf(timestamp);
      if (position !== undefined && position > this.#decoder.position) return;
      this.#reorder.giveUp();
    }
  }

  /** Frames leave by the clock and not as packets come. */
  get #isPaced(): boolean {
    return this.#holder.hides || this.#framer.mustPace(this.#timeline.packetSamples);
  }

  #send(nowMs: number): void {
    if (this.#isPaced) this.#framer.sendDue(this.#timeline.packetSamples, nowMs);
    else this.#framer.sendReady();
  }
}

function requireServable(options: StripperOptions): void {
  requireWithin('packetTimeMs', options.packetTimeMs, HOP_MS, PACKET_TIME_MS_MAX);
  requireWithin('lookbackMs', options.lookbackMs, 0, LOOKBACK_MS_MAX);
}

function requireWithin(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number of ms from ${min} to ${max}, got ${value}`);
  }
}
