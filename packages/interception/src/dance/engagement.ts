import { type PlayTo, refuse } from '@sordino/core';
import type { CallFailure, CallFailureCode } from '../events.ts';
import { returnAddress } from '../platform/return-address.ts';
import type { BridgeSide } from '../ports/media-relay.ts';
import type {
  IncomingInvite,
  Reoffer,
  SdpText,
  SipLeg,
  SipLegEnd,
  SipLegHandlers,
} from '../ports/sip-calls.ts';
import { Departure } from '../restore/departure.ts';
import { answerReoffer } from './answer-reoffer.ts';
import { failed, type LateRelease, leg5Canceled, notTaken, releasedEarly } from './call-failure.ts';
import { CallLegs } from './call-legs.ts';
import { CallMedia } from './call-media.ts';
import { CallStory } from './call-story.ts';
import type { EngagementPlan, EngagementPorts } from './engagement-ports.ts';
import { type InvitedLeg, leg7Invite, takeLeg7Answer } from './leg7-invite.ts';
import type { MediaPath } from './media-path.ts';
import type { PlayAnswer } from './prompts.ts';
import { Readiness } from './readiness.ts';
import {
  type Leg5Refusal,
  leg7Refusal,
  relayRefusal,
  releaseRefusal,
  returnAddressRefusal,
  sdpRefusal,
} from './refusals.ts';
import { refuseRefer } from './refused-refer.ts';

/**
 * One diversion of one call, from INVITE 5 to the call handed back (design section 5, flows (a) and (c)).
 *
 *   INVITE 5 -> relay armed -> INVITE 7 -> 200 on 7 -> 200 on 5 (commit point) -> ACK 5 -> customer media -> ready
 *
 * Before the commit point every failure is a refused INVITE 5; after it, every failure hands the call back.
 */
export class Engagement {
  readonly legs: CallLegs;
  readonly #ports: EngagementPorts;
  readonly #plan: EngagementPlan;
  readonly #departure: Departure;
  readonly #story: CallStory;
  #leg5: SipLeg | undefined;
  #leg7: SipLeg | undefined;
  readonly #media: CallMedia;
  readonly #readiness: Readiness;
  #readySaid = false;
  /** We were asked to hand back a call that was just being taken. */
  #late: LateRelease | undefined;
  #finished = false;

  constructor(plan: EngagementPlan, ports: EngagementPorts) {
    this.#plan = plan;
    this.#ports = ports;
    this.#story = new CallStory(plan.session, ports.report);
    this.legs = new CallLegs(plan, () => ports.scheduler.wallMs(), ports.report);
    this.#media = new CallMedia(plan, ports, this.legs, {
      customerHeard: (atMs) => this.#onCustomerHeard(atMs),
      cleanFlowing: () => {
        this.#readiness.cleanFlowing = true;
        this.#checkReady();
      },
      silent: ({ code, leg }) => this.release(code, failed(code, leg)),
      lost: () => this.#onRelayLost(),
      moved: (gapMs) =>
        this.#story.move('degraded', { reason: 'relay_lost', ...(gapMs === undefined ? {} : { gapMs }) }),
      moveFailed: (code) => this.#leaveRelay(code),
    });
    this.#readiness = new Readiness(plan.platform.leg5Media === 'customer_after_reinvite');
    this.#departure = new Departure(
      ports.scheduler,
      { hold: plan.mask.hold, takeBackMs: plan.platform.timers.takeBackMs },
      {
        releaseLeg5: (reason) => this.#releaseLeg5(reason),
        releaseLeg7: (text) => this.#leg7?.hangup({ protocol: 'SIP', cause: 200, text }),
        overdue: () => this.notTakenBack(),
        done: ({ gapMs }) => {
          this.#story.move('restored', gapMs === undefined ? {} : { gapMs });
          void this.#finish(this.#story.topology);
        },
      },
    );
  }

  /** Nothing more will happen, whatever is still being closed: another session may have the call. */
  get over(): boolean {
    return this.#finished;
  }

  get leg7(): SipLeg | undefined {
    return this.#leg7;
  }

  /** Legs with fresh media figures. */
  async refreshLegs(): Promise<CallLegs> {
    this.legs.keepFigures(await this.#media.figures());
    return this.legs;
  }

  setCollecting(collecting: boolean): void {
    this.#media.setCollecting(collecting);
  }

  /** While both people hear us: from the commit point until the call is going back. */
  play(to: PlayTo, prompt: string | null): PlayAnswer {
    const engaged = this.#readiness.committed && !this.#departure.begun && !this.#finished;
    return engaged ? this.#media.play(to, prompt) : refuse('not_engaged');
  }

  /** INVITE 5 was matched to this session. */
  begin(leg5: SipLeg, invite: IncomingInvite): SipLegHandlers {
    this.#leg5 = leg5;
    this.legs.leg5Sip(this.#leg5, null);
    this.#story.move('invited');
    for (const leg of [this.legs.leg5, this.legs.leg4]) leg.apply('invite');
    this.#engage(leg5, invite).catch((error: unknown) => {
      // A bug must not keep the platform waiting for an answer that never comes.
      this.#ports.log.error('the way in failed', { session: this.#plan.session, reason: String(error) });
      this.release('internal_error', failed('relay_lost', 'leg6_media'));
    });
    return {
      label: { call: this.#plan.session, role: 'leg5_in' },
      acknowledged: (sdp) => this.#onLeg5Acknowledged(sdp),
      reoffered: (reoffer) => this.#onReoffer('customer', reoffer),
      reanswered: (sdp) => this.#media.path?.reanswered('customer', sdp, this.#ports.log),
      glared: () => this.#media.glared(),
      referred: refuseRefer(this.#ports.log, this.#plan.session, this.legs.leg5),
      info: (contentType, body) => this.#media.info(contentType, body),
      ended: (end) => this.#onLeg5Ended(end),
    };
  }

  /** Hands the call back; before the commit point that is a refusal of leg 5. */
  release(reason: string, failure?: CallFailure): void {
    if (this.#finished || this.#departure.begun) return;
    if (!this.#readiness.committed || this.#media.path === undefined) {
      // An INVITE with Replaces may have moved the customer already: a CANCEL that crosses its 200 would end the call.
      if (this.#leg5?.role === 'uac' && this.#leg5.state !== 'offered') {
        this.#late ??= { reason, failure };
        return;
      }
      const refusal = releaseRefusal(failure?.code ?? 'released', reason);
      this.#refuse(refusal, failure ?? releasedEarly(refusal.status, reason));
      return;
    }
    if (failure !== undefined) this.#story.failed(failure);
    if (this.#media.moving) {
      // Between two relays no key can get through.
      this.#media.stopMoving();
      this.#departure.atOnce(this.#media.path.bridge, reason);
    } else this.#departure.afterKeyGuard(this.#media.path.bridge, reason);
  }

  // --- the way in -----------------------------------------------------------------------------------------------------

  async #engage(leg5: SipLeg, invite: IncomingInvite): Promise<void> {
    const { platform, callId, returnUri } = this.#plan;
    const returnTo = returnAddress(platform, { callId, session: returnUri, invite });
    if (!returnTo.ok) return this.#refuse(returnAddressRefusal(returnTo.problem));
    const opened = await this.#media.open();
    if (this.#finished) {
      // The platform canceled while the relay was reserving.
      await this.#media.close();
      return;
    }
    if (!opened.ok) {
      this.#refuse(relayRefusal(opened.problem));
      return;
    }
    const path = opened.value;
    this.legs.leg6.apply('invite');

    const description = path.describeLeg5(invite.sdp);
    if (!description.ok) {
      this.#refuse(sdpRefusal(description.problem));
      return;
    }
    this.#readiness.described(path.customerAddress);
    const commit = (): void => this.#commit(leg5, description.value);
    if (this.#plan.platform.commit === 'at_once' && leg5.role === 'uas') commit();
    this.#inviteLeg7(path, { leg: leg5, invite }, returnTo.value, commit);
  }

  #commit(leg5: SipLeg, sdp: SdpText): void {
    if (this.#finished || this.#readiness.committed) return;
    // First, since a leg that we take has its commit point later: in the 200 to the INVITE that leaves here.
    if (leg5.role === 'uas') this.#committed();
    leg5.accept(sdp);
    if (leg5.role === 'uac') this.legs.leg5Sip(this.#leg5, null);
  }

  #committed(): void {
    this.#readiness.committed = true;
    this.legs.leg5Sip(this.#leg5, 200);
    this.#media.expectMedia();
  }

  #inviteLeg7(path: MediaPath, leg5: InvitedLeg, target: string, commit: () => void): void {
    this.legs.leg7.apply('invite');
    const leg7 = this.#ports.sip.invite(leg7Invite(this.#plan.platform, leg5, target, path.offer('clean')), {
      label: { call: this.#plan.session, role: 'leg7_out' },
      progress: () => void this.legs.leg7.apply('progress'),
      answered: (sdp) => this.#onLeg7Answered(path, sdp, commit),
      acknowledged: (sdp) => {
        if (sdp !== undefined) path.readAnswer('clean', sdp);
      },
      reoffered: (reoffer) => this.#onReoffer('clean', reoffer),
      reanswered: (sdp) => path.reanswered('clean', sdp, this.#ports.log),
      glared: () => this.#media.glared(),
      referred: refuseRefer(this.#ports.log, this.#plan.session, this.legs.leg7),
      ended: (end) => this.#onLeg7Ended(end),
    });
    this.#leg7 = leg7;
    this.legs.leg7.setSip(leg7.callId, null);
  }

  #onLeg7Answered(path: MediaPath, sdp: SdpText | undefined, commit: () => void): void {
    if (this.#finished) return;
    if (!takeLeg7Answer(path, sdp, this.#ports.log)) {
      this.#leg7Unusable('leg7_refused', 200);
      return;
    }
    if (this.#leg7 !== undefined) this.legs.leg7.setSip(this.#leg7.callId, 200);
    this.legs.leg7.apply('confirmed');
    this.legs.leg8.apply('invite');
    commit();
    this.#checkReady();
  }

  #onLeg5Acknowledged(sdp: SdpText | undefined): void {
    if (this.#finished) return;
    if (!this.#readiness.committed) this.#committed();
    this.legs.leg5.apply('confirmed');
    this.#readiness.leg5Acknowledged = true;
    // The answer to our offer: in the first ACK (a-1), or in that of an offerless re-INVITE, which swaps as well as any.
    const answer = sdp === undefined ? undefined : this.#media.path?.readAnswer('customer', sdp);
    this.#readiness.described(this.#media.path?.customerAddress);
    if (answer?.ok === false || this.#media.path?.customerSignalled !== true) {
      this.release('bad_sdp', failed('bad_sdp', 'leg5_in'));
      return;
    }
    for (const leg of [this.legs.leg4, this.legs.leg6]) leg.apply('confirmed');
    if (this.#late !== undefined) this.release(this.#late.reason, this.#late.failure);
    this.#checkReady();
  }

  #checkReady(): void {
    const { engaged, ready, customerStartedAtMs } = this.#readiness;
    if (this.#departure.begun || this.#finished || this.#media.path === undefined) return;
    const { lookbackMs } = this.#media.path.bridge;
    const nowMs = this.#ports.scheduler.wallMs();
    if (engaged) this.#media.mediaIsHere();
    if (engaged && this.#story.topology === 'engaging')
      this.#story.move('engaged', { gapMs: Math.round(lookbackMs + nowMs - (customerStartedAtMs ?? nowMs)) });
    if (!ready || this.#readySaid) return;
    this.#readySaid = true;
    this.#ports.report({ type: 'ready', session: this.#plan.session, lookbackMs });
  }

  // --- while engaged --------------------------------------------------------------------------------------------------

  #onReoffer(side: BridgeSide, reoffer: Reoffer): void {
    const path = this.#finished ? undefined : this.#media.path;
    if (!answerReoffer(path, side, reoffer)) return;
    this.#readiness.described(path?.customerAddress);
    this.#checkReady();
  }

  #onCustomerHeard(atMs: number): void {
    this.#readiness.mediaStarted(atMs);
    this.#checkReady();
  }

  // --- the way out ----------------------------------------------------------------------------------------------------

  #onLeg5Ended(end: SipLegEnd): void {
    const orderly = end.how === 'bye' || end.how === 'canceled';
    this.legs.leg5.apply(orderly ? 'ended' : 'fail', end.reason ?? end.how);
    // The customer may also hang up while a hand-back waits for the key guard: then nobody takes the customer back.
    if (this.#finished || this.#departure.leaving) {
      // Nobody took the customer back, who has now hung up: leg 7 has nobody to talk to.
      if (this.#leg5?.role !== 'uac' || this.#story.topology !== 'degraded') return;
      this.#story.move('lost', { reason: 'customer_hangup' });
      this.#leg7?.hangup({ protocol: 'SIP', cause: 200, text: 'the customer is gone' });
      return;
    }
    if (!this.#readiness.committed || this.#media.path === undefined) this.#onCanceled(end);
    else if (end.how === 'bye' && this.#story.leg7Failure !== undefined) {
      // The platform saw leg 7 end and has taken the customer back by itself, while our BYE waited for the key guard.
      this.#departure.withoutKeyGuard(this.#media.path.bridge, this.#story.leg7Failure);
    } else if (end.how === 'bye') {
      // The customer hung up: linger masked until the packets stop, then close leg 7. One who never came to us is still there.
      const wasHere = this.#readiness.customerStartedAtMs !== undefined;
      const code = wasHere ? 'customer_hangup' : 'leg5_released';
      this.#story.failed({ ...failed(code, 'leg5_in'), outcome: 'canceled', callSafe: !wasHere });
      this.#story.move(wasHere ? 'lost' : 'release', { reason: code });
      this.#departure.customerGone(this.#media.path.bridge);
    } else if (end.how === 'lost') this.#onLegLost('leg5_lost', 'leg5_in', end);
    else this.release(end.how, failed('leg5_ack_lost', 'leg5_in'));
  }

  #onLeg7Ended(end: SipLegEnd): void {
    this.#departure.leg7Ended();
    const orderly = end.how === 'bye' || end.by === 'us';
    this.legs.leg7.apply(orderly ? 'ended' : 'fail', end.reason ?? end.how);
    this.legs.all('ended', end.how, this.legs.leg8);
    if (this.#finished || this.#departure.begun) return;
    if (end.how === 'bye') {
      this.release('agent_left', { ...failed('agent_left', 'leg7_out'), outcome: 'canceled' });
    } else if (end.how === 'lost' && this.#readiness.committed) {
      this.#onLegLost('leg7_lost', 'leg7_out', end);
    } else this.#leg7Unusable(end.how === 'no_answer' ? 'leg7_no_answer' : 'leg7_refused', end.status);
  }

  /** Not refreshed, or answered as if it were unknown (RFC 5057): the two still talk, until the platform has them back. */
  #onLegLost(code: 'leg5_lost' | 'leg7_lost', leg: string, end: SipLegEnd): void {
    const reason = end.reason ?? code;
    this.#story.move('degraded', { reason });
    this.release(reason, failed(code, leg, end.status, reason));
  }

  #leg7Unusable(code: 'leg7_refused' | 'leg7_no_answer', status: number | undefined): void {
    if (this.#readiness.committed) this.release(code, failed(code, 'leg7_out', status));
    else this.#refuse(leg7Refusal(code, status), failed(code, 'leg7_out', status));
  }

  /** Before the commit point: the platform gets a final answer, and that is all that ever happened to its call. */
  #refuse(refusal: Leg5Refusal, failure?: CallFailure): void {
    if (this.#finished) return;
    this.#leg5?.reject(refusal.status, refusal.headers);
    this.legs.leg5Sip(this.#leg5, refusal.status);
    this.legs.leg5.apply('fail', refusal.code);
    this.#leave(refusal.code, failure ?? failed(refusal.code, 'leg5_in', refusal.status, refusal.text));
  }

  /** CANCEL of leg 5, or its transport is gone, before the commit point; or nobody took the INVITE by which we take it. */
  #onCanceled(end: SipLegEnd): void {
    if (end.how === 'rejected') this.legs.leg5Sip(this.#leg5, end.status ?? null);
    const failure = this.#leg5?.role === 'uac' ? notTaken(end, this.#late) : leg5Canceled(end);
    this.#leave(failure.code, failure);
  }

  /** Out of a call that we were never in. */
  #leave(reason: CallFailureCode, failure: CallFailure): void {
    this.#story.failed(failure);
    this.#story.move('refused', { reason });
    void this.#finish(reason);
    this.#leg7?.hangup({ protocol: 'SIP', cause: 487, text: reason });
  }

  #onRelayLost(): void {
    if (this.#finished) return;
    if (!this.#readiness.committed) {
      this.#refuse(relayRefusal('worker_failed'));
      return;
    }
    const moves = !this.#departure.begun && this.#media.move(this.#leg5, this.#leg7);
    if (!moves) this.#leaveRelay('relay_lost');
  }

  /** Nothing is relayed: back to the platform, without any of the care that audio would need. */
  #leaveRelay(code: 'relay_lost' | 'no_media'): void {
    this.#media.stopMoving();
    const { path } = this.#media;
    if (path === undefined) return;
    this.legs.leg6.apply('fail', code);
    if (!this.#departure.begun) this.#story.failed(failed(code, 'leg6_media'));
    this.#departure.atOnce(path.bridge, code);
  }

  #releaseLeg5(reason: string): void {
    this.#story.move('release', { reason });
    this.legs.all('release', reason, this.legs.leg5, this.legs.leg4, this.legs.leg6);
    this.#leg5?.hangup({ protocol: 'SIP', cause: 200, text: reason });
  }

  /** People talk on through us, masked. */
  notTakenBack(): void {
    this.#ports.log.error('the platform does not take the customer back', { session: this.#plan.session });
    this.#story.move('degraded', { reason: 'not_taken_back' });
  }

  async #finish(reason: string): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    this.#departure.stop();
    // A leg that we took outlives its REFER; until then this changes nothing.
    if (this.#leg5?.role === 'uac') this.#leg5.hangup();
    this.legs.keepFigures(await this.#media.close());
    // Before the commit point leg 7 carries nothing of the customer.
    if (this.#readiness.committed) await this.#media.attest();
    this.legs.ended(reason);
    this.#ports.finished(this.#plan.session);
  }
}
