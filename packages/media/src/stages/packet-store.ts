/**
 * Packets that may wait at a time: those of 320 ms at 10 ms each, which is more than the look-back and all that a paced
 * output holds back.
 */
const PACKETS_MAX = 32;
/** What fits a datagram on any path: no Opus of a call is longer, and what is does not pass. */
const OCTETS_MAX = 1500;

/** Opus packets on their way through the look-back, in the order of the stream. Without a place for one it does not leave. */
export class PacketStore {
  /** Made when the first packet comes: most calls have no Opus. */
  #octets: Uint8Array | undefined;
  readonly #positions = new Float64Array(PACKETS_MAX);
  readonly #ticks = new Uint16Array(PACKETS_MAX);
  readonly #lengths = new Uint16Array(PACKETS_MAX);
  #first = 0;
  #held = 0;

  put(position: number, ticks: number, payload: Uint8Array, length: number): void {
    if (this.#held === PACKETS_MAX || length > OCTETS_MAX) return;
    this.#octets ??= new Uint8Array(PACKETS_MAX * OCTETS_MAX);
    const slot = (this.#first + this.#held) % PACKETS_MAX;
    for (let n = 0; n < length; n += 1) this.#octets[slot * OCTETS_MAX + n] = payload[n] ?? 0;
    this.#positions[slot] = position;
    this.#ticks[slot] = ticks;
    this.#lengths[slot] = length;
    this.#held += 1;
  }

  /** Where the earliest packet at or after `position` begins; what lies before it is dropped. Infinity: there is none. */
  nextFrom(position: number): number {
    while (this.#held > 0 && (this.#positions[this.#first] ?? 0) < position) this.drop();
    return this.#held === 0 ? Number.POSITIVE_INFINITY : (this.#positions[this.#first] ?? 0);
  }

  /** Length of the earliest packet. */
  get ticks(): number {
    return this.#ticks[this.#first] ?? 0;
  }

  /** The earliest packet; valid until it is dropped. */
  get payload(): Uint8Array {
    const from = this.#first * OCTETS_MAX;
    return (this.#octets ?? new Uint8Array()).subarray(from, from + (this.#lengths[this.#first] ?? 0));
  }

  drop(): void {
    this.payload.fill(0);
    this.#first = (this.#first + 1) % PACKETS_MAX;
    this.#held -= 1;
  }

  wipe(): void {
    this.#octets?.fill(0);
    this.#first = 0;
    this.#held = 0;
  }
}
