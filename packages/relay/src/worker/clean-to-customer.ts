import type { MediaDescription } from '@sordino/interception';
import { SAMPLES_PER_MS, sequenceDistance, timestampDistance } from '@sordino/media';
import type { MediaSide, ReceivedPacket } from './media-side.ts';
import { packetTimeOf } from './packet-time.ts';
import type { Player } from './player.ts';
import type { RtpWriter } from './rtp-writer.ts';
import { transcode } from './transcode.ts';

/** Two seconds at 20 ms: a larger step is another stream, not loss or reordering. */
const SEQUENCE_STEP_MAX = 100;
/** Behind by more than this the whole worker stood still: the prompt goes on from now instead of coming all at once. */
const PLAY_BEHIND_MAX_MS = 200;
/** Ten seconds: longer than any pause of silence suppression that still belongs to one talk. */
const TIMESTAMP_STEP_MAX = 80_000;

interface Offset {
  sequence: number;
  readonly timestamp: number;
  readonly firstSequence: number;
}

/**
 * The agent's voice on its way to the customer: never delayed (rule 4), one packet in, one packet out, in our own stream.
 * Loss and reordering stay visible to the customer's jitter buffer, which conceals them better than we could; all else that
 * happens on leg 7 (new SSRC, jumps, dropped packet types) is hidden. A prompt takes the agent's place while it plays, in the same
 * stream: numbers and timestamps go on through both seams.
 */
export class CleanToCustomer {
  readonly #customer: MediaSide;
  readonly #writer: RtpWriter;
  readonly #player: Player;
  /** When the next frame of a prompt goes, and what has been played takes until then. */
  #playDueMs = Number.NEGATIVE_INFINITY;
  #playStarts = false;
  #customerPeer: MediaDescription | undefined;
  #cleanPeer: MediaDescription | undefined;
  /** What turns a number of the incoming stream into one of ours; undefined: start anew with the next packet. */
  #offset: Offset | undefined;
  #lastSequence = 0;
  #lastTimestamp = 0;
  #dropped = 0;

  constructor(customer: MediaSide, writer: RtpWriter, player: Player) {
    this.#customer = customer;
    this.#writer = writer;
    this.#player = player;
  }

  /** Packets of types that were not negotiated: telephone-events above all. */
  get dropped(): number {
    return this.#dropped;
  }

  customerPeer(description: MediaDescription): void {
    this.#customerPeer = description;
  }

  cleanPeer(description: MediaDescription): void {
    this.#cleanPeer = description;
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

  packet(packet: ReceivedPacket, arrivedMs: number): void {
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
    const timestamp = (packet.timestamp + offset.timestamp) >>> 0;
    const payload = transcode(packet.payload, from.codec, to.codec);
    this.#remember(packet);
    this.#customer.send(
      this.#writer.at(sequence, timestamp, to.audioPayloadType, packet.marker || isFirst, payload, arrivedMs),
    );
  }

  #playFrame(nowMs: number): void {
    const peer = this.#customerPeer;
    const packetTimeMs = packetTimeOf(peer);
    const frame = new Uint8Array(packetTimeMs * SAMPLES_PER_MS);
    this.#player.fill(frame, peer?.codec ?? 'PCMU');
    this.#playDueMs += packetTimeMs;
    if (peer === undefined || !this.#customer.isSendable) {
      this.#writer.passOver(frame.length);
      return;
    }
    if (this.#playStarts) this.#writer.skipPause(frame.length, nowMs);
    this.#customer.send(this.#writer.next(peer.audioPayloadType, this.#playStarts, frame, nowMs));
    this.#playStarts = false;
  }

  /** Half a packet of what was played may still be heard when the agent's next one is taken: no more piles up, however often it plays. */
  #isPlayedOver(arrivedMs: number): boolean {
    return this.#player.isPlaying || arrivedMs < this.#playDueMs - packetTimeOf(this.#customerPeer) / 2;
  }

  #rebase(packet: ReceivedPacket, nowMs: number): Offset {
    this.#writer.skipPause(packet.payload.length, nowMs);
    this.#lastSequence = packet.sequence;
    this.#lastTimestamp = packet.timestamp;
    this.#offset = {
      sequence: this.#writer.nextSequence - packet.sequence,
      timestamp: this.#writer.nextTimestamp - packet.timestamp,
      firstSequence: packet.sequence,
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

  #remember(packet: ReceivedPacket): void {
    if (sequenceDistance(this.#lastSequence, packet.sequence) <= 0) return;
    this.#lastSequence = packet.sequence;
    this.#lastTimestamp = packet.timestamp;
  }

  #isJump(packet: ReceivedPacket): boolean {
    return (
      Math.abs(sequenceDistance(this.#lastSequence, packet.sequence)) > SEQUENCE_STEP_MAX ||
      Math.abs(timestampDistance(this.#lastTimestamp, packet.timestamp)) > TIMESTAMP_STEP_MAX
    );
  }
}
