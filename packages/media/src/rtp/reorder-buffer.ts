import { nextSequence, sequenceDistance } from './wraparound.ts';

/** Packets held while one before them is missing. Three at 20 ms is longer than any reordering worth waiting for. */
export const REORDER_PACKETS_MAX = 3;
/** RFC 3550 A.1 MAX_MISORDER is 100; a packet further back than this is a restarted sender, not a late packet. */
const MISORDER_MAX = 100;
/** A jump further ahead than this (2.6 s at 20 ms) is a new start of numbering, not a loss. */
const DROPOUT_MAX = 128;
/** The longest payload held, in bytes: 60 ms of L16 at 16 kHz. Longer ones are never offered. */
export const PAYLOAD_BYTES_MAX = 1920;

/** A packet in sequence. `length` 0: it had no audio, but its sequence number is accounted for. */
export type Deliver = (
  payload: Uint8Array,
  length: number,
  timestamp: number,
  discontinuity: boolean,
) => void;

/**
 * Puts packets back in order. A packet in sequence goes straight through, uncopied and undelayed; only one that
 * comes early is copied and held until the missing one comes, the buffer is full, or the owner calls `giveUp`.
 */
export class ReorderBuffer {
  readonly #deliver: Deliver;
  readonly #payloads = new Uint8Array(REORDER_PACKETS_MAX * PAYLOAD_BYTES_MAX);
  readonly #views: readonly Uint8Array[];
  /** -1: the slot is free. */
  readonly #sequences = new Int32Array(REORDER_PACKETS_MAX).fill(-1);
  readonly #lengths = new Uint16Array(REORDER_PACKETS_MAX);
  readonly #timestamps = new Uint32Array(REORDER_PACKETS_MAX);
  #expected = -1;
  #held = 0;
  #lost = 0;
  #late = 0;

  constructor(deliver: Deliver) {
    this.#deliver = deliver;
    this.#views = Array.from({ length: REORDER_PACKETS_MAX }, (_, slot) =>
      this.#payloads.subarray(slot * PAYLOAD_BYTES_MAX, (slot + 1) * PAYLOAD_BYTES_MAX),
    );
  }

  get held(): number {
    return this.#held;
  }

  /** Sequence numbers given up on. A packet that comes after that counts as late and stays lost. */
  get lost(): number {
    return this.#lost;
  }

  /** Late packets and duplicates, dropped. */
  get late(): number {
    return this.#late;
  }

  offer(sequence: number, timestamp: number, payload: Uint8Array, length: number): void {
    if (this.#expected < 0) {
      this.#passOn(sequence, payload, length, timestamp, true);
      return;
    }
    const ahead = sequenceDistance(this.#expected, sequence);
    if (ahead === 0) {
      this.#passOn(sequence, payload, length, timestamp, false);
      this.#deliverContiguous();
    } else if (ahead > DROPOUT_MAX || ahead < -MISORDER_MAX) {
      this.#flush();
      this.#passOn(sequence, payload, length, timestamp, true);
    } else if (ahead < 0 || this.#slotOf(sequence) >= 0) {
      this.#late += 1;
    } else {
      if (this.#held === REORDER_PACKETS_MAX) this.#admitTheGapBefore(sequence);
      if (sequence === this.#expected) this.offer(sequence, timestamp, payload, length);
      else this.#hold(sequence, timestamp, payload, length);
    }
  }

  /** Timestamp of the earliest held packet, for an owner who knows that what is missing before it is past anyway. */
  heldTimestamp(): number | undefined {
    const slot = this.#earliest();
    return slot < 0 ? undefined : this.#timestamps[slot];
  }

  /** Declares the missing packets before the earliest held one lost and delivers what follows; false: none held. */
  giveUp(): boolean {
    const slot = this.#earliest();
    if (slot < 0) return false;
    const sequence = this.#sequences[slot] ?? 0;
    this.#lost += sequenceDistance(this.#expected, sequence);
    this.#expected = sequence;
    this.#deliverContiguous();
    return true;
  }

  /** Forgets the sender (its SSRC changed); what is held belongs to the old stream and is delivered first. */
  restart(): void {
    this.#flush();
    this.#expected = -1;
  }

  wipe(): void {
    this.#payloads.fill(0);
    this.#timestamps.fill(0);
    this.#lengths.fill(0);
    this.#sequences.fill(-1);
    this.#held = 0;
    this.#expected = -1;
  }

  #flush(): void {
    while (this.giveUp()) {
      // Each turn delivers at least one held packet.
    }
  }

  /** The buffer is full and `sequence` wants in: whichever is earliest, held or new, ends the wait. */
  #admitTheGapBefore(sequence: number): void {
    const earliest = this.#sequences[this.#earliest()] ?? 0;
    if (sequenceDistance(earliest, sequence) > 0) {
      this.giveUp();
      return;
    }
    this.#lost += sequenceDistance(this.#expected, sequence);
    this.#expected = sequence;
  }

  #hold(sequence: number, timestamp: number, payload: Uint8Array, length: number): void {
    const slot = this.#sequences.indexOf(-1);
    const room = this.#views[slot];
    if (room === undefined) return;
    for (let i = 0; i < length; i += 1) room[i] = payload[i] ?? 0;
    this.#sequences[slot] = sequence;
    this.#timestamps[slot] = timestamp;
    this.#lengths[slot] = length;
    this.#held += 1;
  }

  #deliverContiguous(): void {
    for (let slot = this.#slotOf(this.#expected); slot >= 0; slot = this.#slotOf(this.#expected)) {
      const room = this.#views[slot];
      this.#sequences[slot] = -1;
      this.#held -= 1;
      if (room !== undefined) {
        this.#passOn(this.#expected, room, this.#lengths[slot] ?? 0, this.#timestamps[slot] ?? 0, false);
        room.fill(0);
      }
    }
  }

  #passOn(sequence: number, payload: Uint8Array, length: number, timestamp: number, fresh: boolean): void {
    this.#expected = nextSequence(sequence);
    this.#deliver(payload, length, timestamp, fresh);
  }

  #slotOf(sequence: number): number {
    return this.#held === 0 ? -1 : this.#sequences.indexOf(sequence);
  }

  #earliest(): number {
    let earliest = -1;
    let nearest = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot < REORDER_PACKETS_MAX; slot += 1) {
      const sequence = this.#sequences[slot] ?? -1;
      if (sequence < 0) continue;
      const ahead = sequenceDistance(this.#expected, sequence);
      if (ahead < nearest) {
        nearest = ahead;
        earliest = slot;
      }
    }
    return earliest;
  }
}
