import type { LegQuality, LegRole, Log, OneWay, SessionId } from '@sordino/core';
import type { BridgeSide } from '../ports/media-relay.ts';

/** Below this people begin to complain: the threshold of telephones that report RTCP XR. */
export const MOS_LOW = 3.5;

const LEGS: Readonly<Record<BridgeSide, LegRole>> = { customer: 'leg6_media', clean: 'leg7_out' };

/** Tells the log when a leg's sound becomes bad and when it is good again; each sample is in the leg's figures. */
export class QualityWatch {
  readonly #session: SessionId;
  readonly #log: Log;
  readonly #isLow: Record<BridgeSide, boolean> = { customer: false, clean: false };

  constructor(session: SessionId, log: Log) {
    this.#session = session;
    this.#log = log;
  }

  sample(side: BridgeSide, { mos, loss_pct, jitter_ms, rtt_ms }: LegQuality): void {
    // Silence is no opinion.
    if (mos === null) return;
    const isLow = mos < MOS_LOW;
    if (isLow === this.#isLow[side]) return;
    this.#isLow[side] = isLow;
    const fields = { session: this.#session, leg: LEGS[side], mos, loss_pct, jitter_ms, rtt_ms };
    if (isLow) this.#log.warn('the sound of a leg is bad', fields);
    else this.#log.info('the sound of a leg is good again', fields);
  }

  oneWay(side: BridgeSide, oneWay: OneWay | null): void {
    const fields = { session: this.#session, leg: LEGS[side] };
    if (oneWay === null) this.#log.info('audio flows in both directions again', fields);
    else this.#log.warn('audio flows in one direction only', { ...fields, one_way: oneWay });
  }
}
