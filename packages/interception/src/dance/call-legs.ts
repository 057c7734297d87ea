import type { LegRole, LegView } from '@sordino/core';
import type { InterceptionEvent } from '../events.ts';
import { LegRecord } from '../leg/leg-record.ts';
import type { LegEvent } from '../leg/leg-state.ts';
import type { BridgeFigures, BridgeSide, HandshakeRefusal } from '../ports/media-relay.ts';
import type { SipLeg } from '../ports/sip-calls.ts';
import type { EngagementPlan } from './engagement-ports.ts';

/**
 * Legs 4-8 of one engagement as the API shows them. 5 and 7 are our dialogs and 6 our socket; 4 and 8 belong to the platform,
 * so their states are inferred: 4 moves with the customer's media, 8 with what arrives on leg 7.
 */
export class CallLegs {
  readonly leg4: LegRecord;
  readonly leg5: LegRecord;
  readonly leg6: LegRecord;
  readonly leg7: LegRecord;
  readonly leg8: LegRecord;
  readonly #report: (leg: LegView) => void;
  #figures: BridgeFigures | undefined;

  constructor(plan: EngagementPlan, nowMs: () => number, report: (event: InterceptionEvent) => void) {
    this.#report = (leg) => report({ type: 'leg', session: plan.session, leg });
    const record = (role: LegRole, basis: LegView['basis']): LegRecord =>
      new LegRecord({
        role,
        cycle: plan.cycle,
        basis,
        nowMs,
        changed: this.#report,
      });
    this.leg4 = record('leg4_customer', 'inferred');
    this.leg5 = record('leg5_in', 'signalled');
    this.leg6 = record('leg6_media', 'signalled');
    this.leg7 = record('leg7_out', 'signalled');
    this.leg8 = record('leg8_agent', 'inferred');
  }

  /** The relay's latest figures, shown with legs 6 and 7; undefined when it could not tell. */
  keepFigures(figures: BridgeFigures | undefined): void {
    this.#figures = figures ?? this.#figures;
  }

  /** What the SIP side says of leg 5; nothing while it is not on the wire. */
  leg5Sip(leg5: Pick<SipLeg, 'callId'> | undefined, status: number | null): void {
    if (leg5 !== undefined && leg5.callId !== '') this.leg5.setSip(leg5.callId, status);
  }

  views(): readonly LegView[] {
    return [
      this.leg4.view(null),
      this.leg5.view(null),
      this.leg6.view(this.#figures?.customer ?? null),
      this.leg7.view(this.#figures?.clean ?? null),
      this.leg8.view(null),
    ];
  }

  /** Tells the leg of that side with its figures, for what has changed is in them. */
  tellMedia(side: BridgeSide): void {
    const [leg, media] =
      side === 'clean' ? [this.leg7, this.#figures?.clean] : [this.leg6, this.#figures?.customer];
    if (leg.live) this.#report(leg.view(media ?? null));
  }

  /** Packets arrive on that side: of the legs that share its media, each is as far as it can be. */
  mediaHere(side: BridgeSide): void {
    const { leg4, leg5, leg6, leg7, leg8 } = this;
    for (const leg of side === 'clean' ? [leg8] : [leg4, leg6]) leg.apply('confirmed');
    for (const leg of side === 'clean' ? [leg7, leg8] : [leg4, leg5, leg6]) leg.apply('media');
  }

  mediaGone(side: BridgeSide): void {
    for (const leg of side === 'clean' ? [this.leg7, this.leg8] : [this.leg6, this.leg4]) leg.apply('stall');
  }

  /** RFC 5763 §5: somebody came there who is not who the SDP said. */
  handshakeRefused(side: BridgeSide, reason: HandshakeRefusal): void {
    const leg = side === 'clean' ? this.leg7 : this.leg6;
    if (leg.live) leg.note(`dtls_${reason}`);
  }

  /** Nothing is left of any of them. */
  ended(reason: string): void {
    this.all('ended', reason, this.leg4, this.leg5, this.leg6, this.leg7, this.leg8);
  }

  /** The same step on several legs. */
  all(event: LegEvent, reason: string, ...legs: LegRecord[]): void {
    for (const leg of legs) if (leg.live && leg.state !== 'idle') leg.apply(event, reason);
  }
}
