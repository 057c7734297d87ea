import type { MediaDescription } from '@sordino/interception';
import {
  createTranscoder,
  type OpusLibrary,
  payloadTicks,
  sequenceDistance,
  TICKS_PER_MS,
  type Transcoder,
  timestampDistance,
  timestampsPerTick,
} from '@sordino/media';
import type { MediaSide } from './media-side.ts';
import { packetTimeOf } from './packet-time.ts';
import type { Player } from './player.ts';
import type { PacketReceiver, ReceivedPacket } from './received-packet.ts';
import type { RtpWriter } from './rtp-writer.ts';

/** Two seconds at 20 ms: a larger step is another stream, not loss or reordering. */
const SEQUENCE_STEP_MAX = 100;
/** Behind by more than this the whole worker stood still: the prompt goes on from now instead of coming all at once. */
const PLAY_BEHIND_MAX_MS = 200;
/** Ten seconds: longer than any pause of silence suppression that still belongs to one talk. */
const STEP_MAX_TICKS = 10_000 * TICKS_PER_MS;
/** Taken for the length of a packet that does not tell: 20 ms. */
const USUAL_TICKS = 20 * TICKS_PER_MS;

interface Offset {
  sequence: number;
  readonly firstSequence: number;
  /** The latest packet: when it was by their timestamps, and by ours. Signed: unsigned ones would be two more objects. */
  from: number;
  to: number;
}

/**
 * The agent's voice on its way to the customer: never delayed (rule 4), one packet in, one packet out, in our own stream, and
 * as it came wherever the two sides share a codec.
 * Loss and reordering stay visible to the customer's jitter buffer, which conceals them better than we could; all else that
 * happens on leg 7 (new SSRC, jumps, dropped packet types) is hidden. A prompt takes the agent's place while it plays, in the same
 * stream: numbers and timestamps go on through both seams.
 */
export class CleanToCustomer implements PacketReceiver {
  readonly #customer: MediaSide;
  readonly #writer: RtpWriter;
  readonly #player: Player;
  readonly #opus: OpusLibrary;
  #transcoder: Transcoder | undefined;
  /** When the next frame of a prompt goes, and what has been played takes until then. */
  #playDueMs = Number.NEGATIVE_INFINITY;
  #playStarts = false;
  #customerPeer: MediaDescription | undefined;
  #cleanPeer: MediaDescription | undefined;
  /** What turns a number of the incoming stream into one of ours; undefined: start anew with the next packet. */
  #offset: Offset | undefined;
  #lastSequence = 0;
  #dropped = 0;

  constructor(customer: MediaSide, writer: RtpWriter, player: Player, opus: OpusLibrary) {
    this.#customer = customer;
    this.#writer = writer;
    this.#player = player;
    this.#opus = opus;
  }

  /** Packets of types that were not negotiated: telephone-events above all. */
  get dropped(): number {
    return this.#dropped;
  }

  customerPeer(description: MediaDescription): void {
    this.#changed(this.#customerPeer, description);
    this.#customerPeer = description;
  }

  cleanPeer(description: MediaDescription): void {
    this.#changed(this.#cleanPeer, description);
    this.#cleanPeer = description;
  }

  wipe(): void {
    this.#transcoder?.reset();
    this.#transcoder = undefined;
  }

  /** The player has something new: it begins where the audio before it ends, and its frames go at absolute deadlines. */
  played(nowMs: number): void {
    const lastMs = this.#writer.lastMs ?? Number.NEGATIVE_INFINITY;
    this.#playDueMs = Math.max(nowMs, lastMs + packetTimeOf(this.#customerPeer));
    this.#playStarts = true;
    this.#offset = undefined;
  }

  tick(nowMs: number): void {
    if (this.#player.isPlaying && nowMs - this.#playDueMs > PLAY_BEHIND_MAX_MS) this.played(nowMs);
    while (this.#player.isPlaying && nowMs >= this.#playDueMs) this.#playFrame(nowMs);
  }

  /** When the next tick has something to do. */
  get dueMs(): number {
    return this.#player.isPlaying ? this.#playDueMs : Number.POSITIVE_INFINITY;
  }

  packet(packet: ReceivedPacket, arrivedMs: number): void {
    // The customer gets no events, and those of another stream are not in the sequence of this one.
    if (packet.beside) return;
    if (this.#isPlayedOver(arrivedMs)) {
      this.#offset = undefined;
      return;
    }
    const [from, to] = [this.#cleanPeer, this.#customerPeer];
    if (from === undefined || to === undefined || !this.#customer.isSendable) {
      this.#offset = undefined;
      return;
    }
    const isAudio = packet.payloadType === from.audioPayloadType;
    if (!isAudio) {
      this.#omit(packet);
      return;
    }
    const isFirst = this.#offset === undefined || packet.restarted || this.#isJump(packet);
    const offset = isFirst ? this.#rebase(packet, arrivedMs) : this.#offset;
    // Older than the point where we began: its place in our stream is taken.
    if (offset === undefined || sequenceDistance(offset.firstSequence, packet.sequence) < 0) return;
    const sequence = (packet.sequence + offset.sequence) & 0xffff;
    const toPerTick = timestampsPerTick(to.codec);
    const passedTicks = timestampDistance(offset.from, packet.timestamp) / timestampsPerTick(from.codec);
    const timestamp = (offset.to + Math.round(passedTicks * toPerTick)) >>> 0;
    this.#transcoder ??= createTranscoder(from.codec, to.codec, this.#opus);
    const payload = this.#transcoder.convert(packet.payload);
    this.#remember(packet, timestamp);
    // Undecodable: a gap in our stream, as if it had been lost.
    if (payload.length === 0) return;
    const marker = packet.marker || isFirst;
    const duration = ticksOf(packet, from) * toPerTick;
    this.#customer.send(
      this.#writer.at(sequence, timestamp, to.audioPayloadType, marker, payload, arrivedMs, duration),
    );
  }

  /** Another codec needs another transcoder; another RTP clock cannot be compared with what was before. */
  #changed(before: MediaDescription | undefined, now: MediaDescription): void {
    if (before === undefined || before.codec === now.codec) return;
    this.wipe();
    if (timestampsPerTick(before.codec) !== timestampsPerTick(now.codec)) this.#offset = undefined;
  }

  #playFrame(nowMs: number): void {
    const peer = this.#customerPeer;
    const packetTimeMs = packetTimeOf(peer);
    const ticks = packetTimeMs * TICKS_PER_MS;
    const frame = this.#player.next(ticks, peer?.codec ?? 'PCMU');
    const duration = ticks * timestampsPerTick(peer?.codec ?? 'PCMU');
    this.#playDueMs += packetTimeMs;
    if (peer === undefined || !this.#customer.isSendable) {
      this.#writer.passOver(duration);
      return;
    }
    if (this.#playStarts) this.#writer.skipPause(duration, nowMs);
    this.#customer.send(this.#writer.next(peer.audioPayloadType, this.#playStarts, frame, nowMs, duration));
    this.#playStarts = false;
  }

  /** Half a packet of what was played may still be heard when the agent's next one is taken: no more piles up, however often it plays. */
  #isPlayedOver(arrivedMs: number): boolean {
    if (this.#player.isPlaying) return true;
    return arrivedMs < this.#playDueMs && arrivedMs < this.#playDueMs - packetTimeOf(this.#customerPeer) / 2;
  }

  #rebase(packet: ReceivedPacket, nowMs: number): Offset {
    const perTick = timestampsPerTick(this.#customerPeer?.codec ?? 'PCMU');
    this.#writer.skipPause(ticksOf(packet, this.#cleanPeer) * perTick, nowMs);
    this.#lastSequence = packet.sequence;
    this.#offset = {
      sequence: this.#writer.nextSequence - packet.sequence,
      firstSequence: packet.sequence,
      from: packet.timestamp | 0,
      to: this.#writer.nextTimestamp | 0,
    };
    return this.#offset;
  }

  /** A packet that is not sent must not look like loss: the numbers after it close up. A late one left its gap already. */
  #omit(packet: ReceivedPacket): void {
    this.#dropped += 1;
    if (this.#offset === undefined || packet.restarted || this.#isJump(packet)) {
      this.#offset = undefined;
      return;
    }
    if (sequenceDistance(this.#lastSequence, packet.sequence) > 0) {
      this.#offset.sequence -= 1;
      this.#lastSequence = packet.sequence;
    }
  }

  #remember(packet: ReceivedPacket, timestamp: number): void {
    if (this.#offset === undefined || sequenceDistance(this.#lastSequence, packet.sequence) <= 0) return;
    this.#lastSequence = packet.sequence;
    this.#offset.from = packet.timestamp | 0;
    this.#offset.to = timestamp | 0;
  }

  #isJump(packet: ReceivedPacket): boolean {
    const perTick = timestampsPerTick(this.#cleanPeer?.codec ?? 'PCMU');
    const passedTicks = timestampDistance(this.#offset?.from ?? packet.timestamp, packet.timestamp) / perTick;
    const steps = sequenceDistance(this.#lastSequence, packet.sequence);
    return Math.abs(steps) > SEQUENCE_STEP_MAX || Math.abs(passedTicks) > STEP_MAX_TICKS;
  }
}

function ticksOf({ payload }: ReceivedPacket, peer: MediaDescription | undefined): number {
  return payloadTicks(peer?.codec ?? 'PCMU', payload, payload.length) || USUAL_TICKS;
}
