/**
 * A second SSRC from the peer's own address is a restarted stream only after this many packets in sequence, with none of
 * the old stream between them (RFC 3550 A.1 asks for two; we ask for one more because whoever can spoof the peer's address
 * would otherwise take the stream with two packets). A true restart loses the first two: 40 ms.
 */
const RESTART_PACKETS = 3;

export type SsrcVerdict = 'same' | 'restarted' | 'suspect';

/** Which stream of the peer is the call's. */
export class SsrcLock {
  #ssrc: number | undefined;
  #candidate: { ssrc: number; nextSequence: number; packets: number } | undefined;
  #restarts = 0;
  #suspects = 0;

  get ssrc(): number | undefined {
    return this.#ssrc;
  }
  get restarts(): number {
    return this.#restarts;
  }
  /** Packets of other streams that were dropped. */
  get suspects(): number {
    return this.#suspects;
  }

  judge(ssrc: number, sequence: number): SsrcVerdict {
    if (this.#ssrc === undefined || this.#ssrc === ssrc) {
      const first = this.#ssrc === undefined;
      this.#ssrc = ssrc;
      this.#candidate = undefined;
      return first ? 'restarted' : 'same';
    }
    const candidate = this.#candidate;
    const packets =
      candidate?.ssrc === ssrc && candidate.nextSequence === sequence ? candidate.packets + 1 : 1;
    if (packets < RESTART_PACKETS) {
      this.#candidate = { ssrc, nextSequence: (sequence + 1) & 0xffff, packets };
      this.#suspects += 1;
      return 'suspect';
    }
    this.#ssrc = ssrc;
    this.#candidate = undefined;
    this.#restarts += 1;
    return 'restarted';
  }

  /** A new peer was signalled: its first packet decides. */
  reset(): void {
    this.#ssrc = undefined;
    this.#candidate = undefined;
  }
}
