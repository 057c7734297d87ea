import type { MaskStyle } from '@sordino/core';
import { TICKS_PER_MS } from '../codecs/audio-codec.ts';
import type { OpusLibrary } from '../codecs/create-codec.ts';
import { HOP_SAMPLES } from '../tones/hop-bank.ts';
import type { ArrivalClock } from './arrival-clock.ts';
import { type DelayLine, Verdict } from './delay-line.ts';
import type { MaskHolder } from './mask-hold.ts';
import { OPUS_FRAME_TICKS, type OpusReplacement, opusReplacement } from './opus-replacement.ts';
import type { Framer, OutputState } from './output-state.ts';
import type { PacketStore } from './packet-store.ts';
import type { StripperSink } from './stripper.ts';
import { GRACE_MS } from './timeline.ts';

/**
 * A packet carries the beginning of what comes after it: 6.5 ms that the encoder looks ahead and 2.5 ms by which frames
 * overlap (RFC 6716 §4.3.7). With a key up to this far behind its end it does not leave.
 */
export const OPUS_REACH_MS = 10;
const REACH_TICKS = OPUS_REACH_MS * TICKS_PER_MS;

/**
 * Opus to Opus: packets that were heard and are clean leave as they came; for the others, and where none came, there is a
 * constant one. The packet after a masked one is masked, too: it may repeat what was in it (RFC 6716 §2.1.7, in-band FEC) and
 * is coded by difference from it.
 */
export class PacketFramer implements Framer {
  readonly name = 'packet framer';
  readonly #gapTicks: number;
  readonly #line: DelayLine;
  readonly #packets: PacketStore;
  readonly #holder: MaskHolder;
  readonly #clock: ArrivalClock;
  readonly #sink: StripperSink;
  readonly #output: OutputState;
  readonly #mask: OpusReplacement;
  readonly #noise: OpusReplacement;
  #afterMask = false;

  constructor(
    packetTimeMs: number,
    style: MaskStyle,
    opus: OpusLibrary,
    parts: {
      readonly line: DelayLine;
      readonly packets: PacketStore;
      readonly holder: MaskHolder;
      readonly clock: ArrivalClock;
    },
    sink: StripperSink,
    output: OutputState,
  ) {
    this.#gapTicks = Math.max(OPUS_FRAME_TICKS, wholeFrames(packetTimeMs * TICKS_PER_MS));
    this.#line = parts.line;
    this.#packets = parts.packets;
    this.#holder = parts.holder;
    this.#clock = parts.clock;
    this.#sink = sink;
    this.#output = output;
    this.#mask = opusReplacement(style, opus);
    this.#noise = opusReplacement('comfort_noise', opus);
  }

  /** Packets leave as long as they came. */
  mustPace(): boolean {
    return false;
  }

  sendReady(): void {
    for (let ticks = this.#nextTicks(); this.#mayLeave(ticks); ticks = this.#nextTicks()) this.#send(ticks);
  }

  sendDue(packetTicks: number, nowMs: number): void {
    for (
      let ticks = this.#nextTicks();
      this.#mayLeave(ticks) && this.#dueMs(Math.max(ticks, packetTicks)) <= nowMs;
      ticks = this.#nextTicks()
    ) {
      this.#send(ticks);
    }
  }

  wipe(): void {
    this.#packets.wipe();
    this.#afterMask = false;
  }

  #mayLeave(ticks: number): boolean {
    return this.#line.readable >= ticks + REACH_TICKS;
  }

  #dueMs(ticks: number): number {
    const last = this.#line.readPosition + this.#line.lookbackSamples + REACH_TICKS + ticks;
    return this.#clock.dueMs(last) + GRACE_MS;
  }

  /** Length of the packet that is next in the stream, or of the one that fills the gap before it. */
  #nextTicks(): number {
    for (;;) {
      const position = this.#line.readPosition;
      const next = this.#packets.nextFrom(position);
      if (next === position) return this.#packets.ticks;
      if (next - position >= OPUS_FRAME_TICKS) return Math.min(this.#gapTicks, wholeFrames(next - position));
      // Too short for a frame: where the sender's timestamps jumped by less than 10 ms.
      this.#line.skip(next - position);
    }
  }

  #send(ticks: number): void {
    const position = this.#line.readPosition;
    const isPacket = this.#packets.nextFrom(position) === position;
    const isMasked = this.#hasKey(position, position + ticks + REACH_TICKS);
    const isMuted = isMasked || (isPacket && this.#afterMask);
    this.#afterMask = isMasked;
    this.#line.skip(ticks);
    this.#output.frames += 1;
    if (isMuted) this.#output.maskedTicks += ticks;
    if (isMuted || !isPacket) this.#output.framesReplaced += 1;
    const marker = this.#output.afterPause;
    this.#output.afterPause = false;
    const replacement = isMuted ? this.#mask : this.#noise;
    const payload = isPacket && !isMuted ? this.#packets.payload : replacement.packet(position, ticks);
    this.#sink.cleanFrame(payload, marker, ticks, this.#clock.dueMs(this.#line.readPosition));
    if (isPacket) this.#packets.drop();
  }

  #hasKey(from: number, to: number): boolean {
    if (this.#output.maskIsOff) return false;
    for (let hop = Math.floor(from / HOP_SAMPLES); hop * HOP_SAMPLES < to; hop += 1) {
      if (this.#holder.masks(hop) || this.#line.verdictAt(hop * HOP_SAMPLES) === Verdict.masked) return true;
    }
    return false;
  }
}

const wholeFrames = (ticks: number): number => Math.floor(ticks / OPUS_FRAME_TICKS) * OPUS_FRAME_TICKS;
