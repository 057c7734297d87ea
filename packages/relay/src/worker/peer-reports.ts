import { SAMPLES_PER_MS } from '@sordino/media';
import type { ReportBlock } from './rtcp-read.ts';

/** Sender reports that an answer may still refer to: 20 s at the usual interval. */
const REPORTS_KEPT = 4;
/** DLSR and LSR count in 1/65536 s (RFC 3550 §6.4.1). */
const NTP_UNITS_PER_MS = 65_536 / 1_000;
/** Half a second of audio: fewer may have been on their way when the peer reported. */
const PACKETS_TO_BE_HEARD = 25;
/** One report may be of the time before our first packet. */
const DEAF_REPORTS = 2;

/** What one peer says of the stream that we send it. Only blocks about our own SSRC count. */
export class PeerReports {
  readonly #ssrc: number;
  /** Middle 32 bits of the NTP time of our latest sender reports, and our clock at that moment. A ring. */
  readonly #sentNtp = new Uint32Array(REPORTS_KEPT);
  readonly #sentMs = new Float64Array(REPORTS_KEPT).fill(Number.NaN);
  #clockPerMs = SAMPLES_PER_MS;
  #nextSent = 0;
  #rttMs: number | null = null;
  #lost: number | null = null;
  #jitterMs: number | null = null;
  #highestSequence: number | undefined;
  #packetsAtReport: number | undefined;
  #deafReports = 0;

  constructor(ssrc: number) {
    this.#ssrc = ssrc;
  }

  get rttMs(): number | null {
    return this.#rttMs;
  }
  /** Packets of ours that did not arrive; never below zero. */
  get lost(): number | null {
    return this.#lost;
  }
  get jitterMs(): number | null {
    return this.#jitterMs;
  }
  /** The peer reports, and for two reports nothing of what we sent has arrived. */
  get isDeaf(): boolean {
    return this.#deafReports >= DEAF_REPORTS;
  }

  /** The RTP clock of what we send: its jitter is counted in it. */
  useClock(rateHz: number): void {
    this.#clockPerMs = rateHz / 1_000;
  }

  /** Another peer: what the one before said is not about it. */
  restart(): void {
    this.#sentMs.fill(Number.NaN);
    this.#rttMs = null;
    this.#lost = null;
    this.#jitterMs = null;
    this.#highestSequence = undefined;
    this.#packetsAtReport = undefined;
    this.#deafReports = 0;
  }

  /** A sender report of ours leaves. */
  sent(ntpMiddle: number, nowMs: number): void {
    this.#sentNtp[this.#nextSent] = ntpMiddle;
    this.#sentMs[this.#nextSent] = nowMs;
    this.#nextSent = (this.#nextSent + 1) % REPORTS_KEPT;
  }

  /** A compound packet of the peer came, after `packetsSent` of ours. No block about us: it heard nothing since its last. */
  arrived(blocks: readonly ReportBlock[], packetsSent: number, nowMs: number): void {
    const block = blocks.find(({ ssrc }) => ssrc === this.#ssrc);
    if (block !== undefined) {
      this.#lost = Math.max(0, block.cumulativeLost);
      this.#jitterMs = block.jitterTicks / this.#clockPerMs;
      this.#measureRoundTrip(block, nowMs);
    }
    this.#judgeHearing(block?.highestSequence, packetsSent);
  }

  /** By our own clock on both ends: a wall clock that was set meanwhile does no harm, and an LSR that we never sent counts for nothing. */
  #measureRoundTrip({ lsr, dlsr }: ReportBlock, nowMs: number): void {
    if (lsr === 0) return;
    for (let n = 0; n < REPORTS_KEPT; n += 1) {
      if (this.#sentNtp[n] !== lsr) continue;
      const rttMs = nowMs - (this.#sentMs[n] ?? Number.NaN) - dlsr / NTP_UNITS_PER_MS;
      if (rttMs >= 0) this.#rttMs = rttMs;
    }
  }

  #judgeHearing(highestSequence: number | undefined, packetsSent: number): void {
    const sent = packetsSent - (this.#packetsAtReport ?? 0);
    const hears = highestSequence !== undefined && highestSequence !== this.#highestSequence;
    if (hears) this.#deafReports = 0;
    else if (sent >= PACKETS_TO_BE_HEARD) this.#deafReports += 1;
    else return;
    this.#highestSequence = highestSequence ?? this.#highestSequence;
    this.#packetsAtReport = packetsSent;
  }
}
