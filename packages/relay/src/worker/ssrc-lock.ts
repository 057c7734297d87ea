/**
 * A second SSRC from the peer's own address is a restarted stream only after this many packets in sequence, with none of
 * the old stream between them (RFC 3550 A.1 asks for two; we ask for one more because whoever can spoof the peer's address
 * would otherwise take the stream with two packets). A true restart loses the first two: 40 ms.
 */
const RESTART_PACKETS = 3;

/** `beside`: telephone-events that the peer sends under an SSRC of their own, while the stream goes on. */
export type SsrcVerdict = 'same' | 'restarted' | 'beside' | 'suspect';

interface Candidate {
  readonly ssrc: number;
  readonly nextSequence: number;
  readonly packets: number;
}

/** Which stream of the peer is the call's. */
export class SsrcLock {
  /** As a signed number: an unsigned one would be an object beside this one for every second stream. */
  #ssrc: number | undefined;
  #candidate: Candidate | undefined;
  #besideSsrc: number | undefined;
  #besideCandidate: Candidate | undefined;
  #restarts = 0;
  #suspects = 0;

  get ssrc(): number | undefined {
    return this.#ssrc === undefined ? undefined : this.#ssrc >>> 0;
  }
  get restarts(): number {
    return this.#restarts;
  }
  /** Packets of other streams that were dropped. */
  get suspects(): number {
    return this.#suspects;
  }

  /** `isEvent`: its payload type is the one negotiated for telephone-events. */
  judge(ssrc: number, sequence: number, isEvent = false): SsrcVerdict {
    const signed = ssrc | 0;
    if (this.#ssrc === signed) {
      this.#candidate = undefined;
      return 'same';
    }
    if (this.#ssrc === undefined) {
      this.#ssrc = signed;
      this.#candidate = undefined;
      return 'restarted';
    }
    this.#candidate = follow(this.#candidate, ssrc, sequence);
    if (this.#candidate.packets >= RESTART_PACKETS) {
      this.#ssrc = signed;
      this.#candidate = undefined;
      this.#restarts += 1;
      return 'restarted';
    }
    if (isEvent && this.#isBeside(ssrc, sequence)) return 'beside';
    this.#suspects += 1;
    return 'suspect';
  }

  /** A new peer was signalled: its first packet decides. */
  reset(): void {
    this.#ssrc = undefined;
    this.#candidate = undefined;
    this.#besideSsrc = undefined;
    this.#besideCandidate = undefined;
  }

  /** As many packets in sequence as for a restart, but the stream's own may come between them. The first is kept to. */
  #isBeside(ssrc: number, sequence: number): boolean {
    if (this.#besideSsrc !== undefined) return this.#besideSsrc === ssrc;
    this.#besideCandidate = follow(this.#besideCandidate, ssrc, sequence);
    if (this.#besideCandidate.packets < RESTART_PACKETS) return false;
    this.#besideSsrc = ssrc;
    this.#besideCandidate = undefined;
    return true;
  }
}

function follow(candidate: Candidate | undefined, ssrc: number, sequence: number): Candidate {
  const follows = candidate?.ssrc === ssrc && candidate.nextSequence === sequence;
  return { ssrc, nextSequence: (sequence + 1) & 0xffff, packets: follows ? candidate.packets + 1 : 1 };
}
