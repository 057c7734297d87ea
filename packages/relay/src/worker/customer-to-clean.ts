import type { Clock, KeyTransport, MaskHold, MaskStyle } from '@sordino/core';
import type { AudioCodec, MediaDescription } from '@sordino/interception';
import { type CreateStripper, SAMPLES_PER_MS, type Stripper, type StripperFigures } from '@sordino/media';
import { comfortFrame } from './comfort-frame.ts';
import type { Leg7Gate } from './leg7-gate.ts';
import type { MediaSide, ReceivedPacket } from './media-side.ts';
import { PACKET_TIME_DEFAULT_MS, packetTimeOf } from './packet-time.ts';
import type { Player } from './player.ts';
import type { RtpWriter } from './rtp-writer.ts';

export interface CustomerToCleanOptions {
  readonly clean: MediaSide;
  readonly gate: Leg7Gate;
  readonly writer: RtpWriter;
  readonly player: Player;
  readonly createStripper: CreateStripper;
  readonly lookbackMs: number;
  readonly mask: { readonly style: MaskStyle; readonly hold: MaskHold };
  readonly clock: Clock;
  /** `onsetMs` is monotonic. */
  readonly key: (eventCode: number, transport: KeyTransport, onsetMs: number) => void;
  readonly transportUnexpected: (transport: 'rfc4733' | 'inband') => void;
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
  #misshapen = 0;
  #promptFrame = new Uint8Array(0);

  constructor(options: CustomerToCleanOptions) {
    this.#options = options;
  }

  /** Frames that did not have the constant size of leg 7 and were not sent: always zero unless the stripper is broken. */
  get misshapen(): number {
    return this.#misshapen;
  }

  packet(packet: ReceivedPacket, arrivedMs: number): void {
    this.#stripper?.packet(packet, arrivedMs);
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
    const { createStripper, lookbackMs, mask, key, transportUnexpected } = this.#options;
    this.#stripper = createStripper(
      { ...codecs, packetTimeMs: this.#packetTimeMs, lookbackMs, mask },
      {
        cleanFrame: (payload, marker, _ticks, endsMs) => this.#frame(payload, marker, endsMs),
        key,
        transportUnexpected,
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

  #frame(payload: Uint8Array, marker: boolean, endsMs: number): void {
    const { clean, writer, player, clock } = this.#options;
    const isCustomersAudio = this.#holdsCustomersAudio() && !player.isPlaying;
    if (this.#cleanPeer === undefined) return;
    if (payload.length !== this.#packetTimeMs * SAMPLES_PER_MS) {
      this.#misshapen += 1;
      return;
    }
    const audio = player.isPlaying ? this.#prompted(payload.length, this.#cleanPeer.codec) : payload;
    if (!clean.isSendable) {
      writer.passOver(payload.length);
      return;
    }
    const nowMs = clock.monotonicMs();
    if (marker) writer.skipPause(payload.length, nowMs);
    this.#send(this.#cleanPeer, marker || writer.packets === 0, audio, nowMs, endsMs);
    this.#hasStripperSpoken = true;
    if (isCustomersAudio && !this.#isFlowing) {
      this.#isFlowing = true;
      this.#options.audioFlowing();
    }
  }

  /** The next frame of what is being played, in a buffer of our own: the stripper's is its. */
  #prompted(samples: number, codec: AudioCodec): Uint8Array {
    if (this.#promptFrame.length !== samples) this.#promptFrame = new Uint8Array(samples);
    this.#options.player.fill(this.#promptFrame, codec);
    return this.#promptFrame;
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
    const [samples, { codec }] = [this.#packetTimeMs * SAMPLES_PER_MS, this.#cleanPeer];
    const frame = player.isPlaying ? this.#prompted(samples, codec) : comfortFrame(codec, samples);
    if (!clean.isSendable) return;
    this.#send(this.#cleanPeer, writer.packets === 0, frame, nowMs, nowMs);
  }

  #send(peer: MediaDescription, marker: boolean, payload: Uint8Array, nowMs: number, endsMs: number): void {
    const { clean, gate, writer } = this.#options;
    const packet = writer.next(peer.audioPayloadType, marker, payload, nowMs);
    if (gate.pass(packet, peer, nowMs, endsMs)) clean.send(packet);
  }
}
