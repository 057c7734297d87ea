import type { Clock, KeyTransport, MaskHold, MaskStyle } from '@sordino/core';
import type { AudioCodec, MediaDescription } from '@sordino/interception';
import {
  ComfortNoise,
  type CreateStripper,
  type OpusLibrary,
  payloadOctets,
  type Stripper,
  type StripperFigures,
  TICKS_PER_MS,
  timestampsPerTick,
} from '@sordino/media';
import type { Leg7Gate } from './leg7-gate.ts';
import type { MediaSide } from './media-side.ts';
import { PACKET_TIME_DEFAULT_MS, packetTimeOf } from './packet-time.ts';
import type { Player } from './player.ts';
import type { ReceivedPacket } from './received-packet.ts';
import type { RtpWriter } from './rtp-writer.ts';

/** Opus leaves in packets as long as the customer's: multiples of 10 ms up to 120 ms. */
const OPUS_STEP_TICKS = 10 * TICKS_PER_MS;
const OPUS_TICKS_MAX = 120 * TICKS_PER_MS;

export interface CustomerToCleanOptions {
  readonly clean: MediaSide;
  readonly gate: Leg7Gate;
  readonly writer: RtpWriter;
  readonly player: Player;
  readonly createStripper: CreateStripper;
  readonly opus: OpusLibrary;
  readonly lookbackMs: number;
  readonly mask: { readonly style: MaskStyle; readonly hold: MaskHold };
  readonly clock: Clock;
  /** `onsetMs` is monotonic. */
  readonly key: (eventCode: number, transport: KeyTransport, onsetMs: number) => void;
  readonly transportUnexpected: (transport: 'rfc4733' | 'inband') => void;
  readonly shortKey: () => void;
  readonly audioFlowing: () => void;
}

/**
 * The customer's voice on its way to the agent: accepted packet -> stripper (keys out, look-back, mask) -> leg-7 writer -> the
 * signalled clean peer. Nothing of the customer's packets but the stripper's audio gets here. A prompt is put into the frames that
 * leave anyway, one for one: the stripper goes on beneath it, keys are captured, and the stream has no seam.
 */
export class CustomerToClean {
  readonly #options: CustomerToCleanOptions;
  #customer: MediaDescription | undefined;
  #cleanPeer: MediaDescription | undefined;
  #packetTimeMs = PACKET_TIME_DEFAULT_MS;
  #stripper: Stripper | undefined;
  #collecting = false;
  #isMaskOff = false;
  #hasStripperSpoken = false;
  #isFlowing = false;
  #framesReplaced = 0;
  #comfortDueMs = Number.POSITIVE_INFINITY;
  #comfortNoise: ComfortNoise | undefined;
  #misshapen = 0;

  constructor(options: CustomerToCleanOptions) {
    this.#options = options;
  }

  /** Frames that did not have the constant size of leg 7 and were not sent: always zero unless the stripper is broken. */
  get misshapen(): number {
    return this.#misshapen;
  }

  packet(packet: ReceivedPacket, arrivedMs: number): void {
    if (packet.beside) this.#stripper?.beside(packet, arrivedMs);
    else this.#stripper?.packet(packet, arrivedMs);
  }

  customerPeer(description: MediaDescription): void {
    this.#customer = description;
    this.#configure();
  }

  /**
   * The first description fixes the packet time for good: a size that changed in mid-call would tell when (rule 3), and
   * `a=ptime` is a wish, not a demand (RFC 8866 §6.4).
   */
  cleanPeer(description: MediaDescription): void {
    if (this.#cleanPeer === undefined) {
      const packetTimeMs = packetTimeOf(description);
      if (packetTimeMs !== this.#packetTimeMs) this.#dropStripper();
      this.#packetTimeMs = packetTimeMs;
      this.#comfortDueMs = this.#options.clock.monotonicMs();
    }
    if (this.#cleanPeer?.codec !== description.codec) this.#comfortNoise = undefined;
    this.#cleanPeer = description;
    this.#configure();
  }

  setCollecting(collecting: boolean): void {
    this.#collecting = collecting;
    this.#stripper?.setCollecting(collecting);
  }

  /** For a rehearsal, see `Stripper`. */
  maskOff(): void {
    this.#isMaskOff = true;
    this.#stripper?.maskOff();
  }

  tick(nowMs: number): void {
    this.#stripper?.tick(nowMs);
    if (!this.#hasStripperSpoken && nowMs >= this.#comfortDueMs) this.#comfort(nowMs);
  }

  /** When the next tick has something to do, as things are now. */
  dueMs(nowMs: number): number {
    const stripperMs = this.#stripper?.dueMs(nowMs) ?? Number.POSITIVE_INFINITY;
    return this.#hasStripperSpoken ? stripperMs : Math.min(stripperMs, this.#comfortDueMs);
  }

  figures(): StripperFigures | undefined {
    return this.#stripper?.figures();
  }

  wipe(): void {
    this.#stripper?.wipe();
  }

  #configure(): void {
    const codecs = {
      customerCodec: this.#customer?.codec ?? 'PCMU',
      customerAudioPayloadType: this.#customer?.audioPayloadType ?? 0,
      customerEventPayloadType: this.#customer?.eventPayloadType,
      cleanCodec: this.#cleanCodec(),
    };
    if (this.#stripper !== undefined) {
      this.#stripper.reconfigure(codecs);
      return;
    }
    const { createStripper, opus, lookbackMs, mask, key, transportUnexpected, shortKey } = this.#options;
    this.#stripper = createStripper(
      {
        customerCodec: codecs.customerCodec,
        customerAudioPayloadType: codecs.customerAudioPayloadType,
        customerEventPayloadType: codecs.customerEventPayloadType,
        cleanCodec: codecs.cleanCodec,
        packetTimeMs: this.#packetTimeMs,
        lookbackMs,
        mask,
        opus,
      },
      {
        cleanFrame: (payload, marker, ticks, endsMs) => this.#frame(payload, marker, ticks, endsMs),
        key,
        transportUnexpected,
        shortKey,
      },
    );
    this.#stripper.setCollecting(this.#collecting);
    if (this.#isMaskOff) this.#stripper.maskOff();
  }

  #dropStripper(): void {
    this.#stripper?.wipe();
    this.#stripper = undefined;
    this.#framesReplaced = 0;
  }

  #cleanCodec(): AudioCodec {
    return this.#cleanPeer?.codec ?? 'PCMU';
  }

  #frame(payload: Uint8Array, marker: boolean, ticks: number, endsMs: number): void {
    const { clean, writer, player, clock } = this.#options;
    const isCustomersAudio = this.#holdsCustomersAudio() && !player.isPlaying;
    if (this.#cleanPeer === undefined) return;
    const { codec } = this.#cleanPeer;
    if (!this.#isShaped(codec, payload, ticks)) {
      this.#misshapen += 1;
      return;
    }
    const audio = player.isPlaying ? player.next(ticks, codec) : payload;
    const duration = ticks * timestampsPerTick(codec);
    if (!clean.isSendable) {
      writer.passOver(duration);
      return;
    }
    const nowMs = clock.monotonicMs();
    if (marker) writer.skipPause(duration, nowMs);
    this.#send(this.#cleanPeer, marker || writer.packets === 0, audio, duration, nowMs, endsMs);
    this.#hasStripperSpoken = true;
    if (isCustomersAudio && !this.#isFlowing) {
      this.#isFlowing = true;
      this.#options.audioFlowing();
    }
  }

  #isShaped(codec: AudioCodec, payload: Uint8Array, ticks: number): boolean {
    if (codec === 'opus') {
      return payload.length > 0 && ticks > 0 && ticks <= OPUS_TICKS_MAX && ticks % OPUS_STEP_TICKS === 0;
    }
    return ticks === this.#packetTimeMs * TICKS_PER_MS && payload.length === payloadOctets(codec, ticks);
  }

  /** A frame that was not counted as replaced holds the customer's audio. Asked only until the first one left. */
  #holdsCustomersAudio(): boolean {
    if (this.#isFlowing) return true;
    const framesReplaced = this.#stripper?.figures().framesReplaced ?? 0;
    const isReplacement = framesReplaced !== this.#framesReplaced;
    this.#framesReplaced = framesReplaced;
    return !isReplacement;
  }

  /**
   * Before the customer's first packet leg 7 carries quiet noise from the moment its peer is known. It opens NATs and the
   * latch of platforms that send only to where they hear from (RFC 6263 §4), and fills the far jitter buffer, so that the
   * customer's first word follows in the same stream without a gap. It says nothing: the customer is not here yet.
   */
  #comfort(nowMs: number): void {
    const { clean, writer, player } = this.#options;
    this.#comfortDueMs += this.#packetTimeMs;
    if (this.#comfortDueMs < nowMs) this.#comfortDueMs = nowMs + this.#packetTimeMs;
    if (this.#cleanPeer === undefined) return;
    const { codec } = this.#cleanPeer;
    const ticks = this.#packetTimeMs * TICKS_PER_MS;
    this.#comfortNoise ??= new ComfortNoise(codec, this.#options.opus);
    const frame = player.isPlaying ? player.next(ticks, codec) : this.#comfortNoise.next(ticks);
    if (!clean.isSendable) return;
    const duration = ticks * timestampsPerTick(codec);
    this.#send(this.#cleanPeer, writer.packets === 0, frame, duration, nowMs, nowMs);
  }

  #send(
    peer: MediaDescription,
    marker: boolean,
    payload: Uint8Array,
    duration: number,
    nowMs: number,
    endsMs: number,
  ): void {
    const { clean, gate, writer } = this.#options;
    const packet = writer.next(peer.audioPayloadType, marker, payload, nowMs, duration);
    if (gate.pass(packet, peer, nowMs, endsMs)) clean.send(packet);
  }
}
