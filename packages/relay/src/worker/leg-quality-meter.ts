import type { LegQuality } from '@sordino/core';
import { mosOf } from '@sordino/media';
import type { PeerReports } from './peer-reports.ts';
import type { Reception } from './reception.ts';

/** What operators' tools show: one sample each ten seconds. */
const QUALITY_SAMPLE_MS = 10_000;
/** The last minute. */
const SAMPLES_KEPT = 6;
/** A jitter buffer that plays nearly all packets holds about so many times the jitter. */
const PLAYOUT_JITTERS = 2;

/** Cuts the reception of one side into samples. */
export class LegQualityMeter {
  readonly #reception: Reception;
  readonly #reports: PeerReports;
  #samples: readonly LegQuality[] = [];
  #dueMs = Number.POSITIVE_INFINITY;
  #packets = 0;
  #lost = 0;

  constructor(reception: Reception, reports: PeerReports) {
    this.#reception = reception;
    this.#reports = reports;
  }

  /** Oldest first. */
  get samples(): readonly LegQuality[] {
    return this.#samples;
  }

  /** The peer is known: the first ten seconds begin. Repeats are harmless. */
  start(nowMs: number): void {
    if (this.#dueMs === Number.POSITIVE_INFINITY) this.#dueMs = nowMs + QUALITY_SAMPLE_MS;
  }

  /** The sample that ends now. */
  tick(nowMs: number, wallMs: number, codec: string, packetTimeMs: number): LegQuality | undefined {
    if (nowMs < this.#dueMs) return undefined;
    // A pause of the whole machine makes one long sample, not many empty ones.
    this.#dueMs += QUALITY_SAMPLE_MS;
    if (this.#dueMs <= nowMs) this.#dueMs = nowMs + QUALITY_SAMPLE_MS;
    const { packets, lost } = this.#sinceLast();
    const lossPct = packets + lost === 0 ? 0 : (100 * lost) / (packets + lost);
    const { rttMs } = this.#reports;
    const { jitterMs } = this.#reception;
    const delayMs = (rttMs ?? 0) / 2 + packetTimeMs + PLAYOUT_JITTERS * jitterMs;
    const sample: LegQuality = {
      at_ms: wallMs,
      packets,
      lost,
      loss_pct: round(lossPct, 10),
      jitter_ms: round(jitterMs, 10),
      jitter_max_ms: round(this.#reception.takeJitterPeakMs(), 10),
      rtt_ms: rttMs === null ? null : round(rttMs, 10),
      mos: packets === 0 ? null : round(mosOf({ codec, delayMs, lossPct }), 100),
    };
    this.#samples = [...this.#samples, sample].slice(-SAMPLES_KEPT);
    return sample;
  }

  /** A packet that was lost in one sample and comes late in the next takes nothing back. */
  #sinceLast(): { readonly packets: number; readonly lost: number } {
    const { packets, lost } = this.#reception;
    const since = { packets: packets - this.#packets, lost: Math.max(0, lost - this.#lost) };
    this.#packets = packets;
    this.#lost = lost;
    return since;
  }
}

function round(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}
