import { RtcpReceiverInfo } from 'werift-rtp';
import { SAMPLES_PER_MS } from '../audio/samples.ts';

/** RFC 3550 §6.4.1: cumulative loss is a signed 24 bit number, clamped. */
const LOST_MAX = 0x7fffff;
/** The compact NTP form (middle 32 bits) counts in 1/65536 s. */
const DLSR_UNITS_PER_MS = 65.536;

/** What RFC 3550 appendix A.3 and A.8 keep about one sender. */
export class ReceptionStats {
  readonly ssrc: number;
  #first = 0;
  #highest = 0;
  #received = 0;
  #jitterTicks = 0;
  #transit: number | undefined;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #lastReport: { readonly middle: number; readonly atMs: number } | undefined;

  constructor(ssrc: number) {
    this.ssrc = ssrc;
  }

  packet(sequenceNumber: number, timestamp: number, arrivalMs: number): void {
    if (this.#received === 0) {
      this.#first = sequenceNumber;
      this.#highest = sequenceNumber;
    } else {
      // Signed 16 bit distance: it follows the wrap and lets a late packet be late.
      const ahead = ((sequenceNumber - this.#highest) << 16) >> 16;
      if (ahead > 0) this.#highest += ahead;
    }
    this.#received += 1;
    const transit = Math.round(arrivalMs * SAMPLES_PER_MS) - timestamp;
    if (this.#transit !== undefined) {
      this.#jitterTicks += (Math.abs((transit - this.#transit) | 0) - this.#jitterTicks) / 16;
    }
    this.#transit = transit;
  }

  senderReport(ntpTimestamp: bigint, arrivalMs: number): void {
    this.#lastReport = { middle: Number((ntpTimestamp >> 16n) & 0xffffffffn), atMs: arrivalMs };
  }

  /** The report block for the interval since the last call. */
  report(nowMs: number): RtcpReceiverInfo {
    const expected = this.#highest - this.#first + 1;
    const lost = Math.max(-LOST_MAX, Math.min(LOST_MAX, expected - this.#received));
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    return new RtcpReceiverInfo({
      ssrc: this.ssrc,
      fractionLost:
        expectedNow > 0 && lostNow > 0 ? Math.min(255, Math.floor((256 * lostNow) / expectedNow)) : 0,
      packetsLost: Math.max(0, lost),
      highestSequence: this.#highest >>> 0,
      jitter: Math.floor(this.#jitterTicks),
      lsr: this.#lastReport?.middle ?? 0,
      dlsr: this.#lastReport ? Math.round((nowMs - this.#lastReport.atMs) * DLSR_UNITS_PER_MS) : 0,
    });
  }
}
