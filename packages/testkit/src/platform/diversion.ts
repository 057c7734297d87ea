import { type LegRole, nextState } from '@sordino/core';
import type {
  IncomingInvite,
  Reoffer,
  SipHeaders,
  SipLeg,
  SipLegEnd,
  SipLegHandlers,
  SipReason,
} from '@sordino/interception';
import { Deferred, within } from './deferred.ts';
import { DIVERSION_TRANSITIONS, type DiversionEvent, type DiversionState } from './diversion-state.ts';
import type { DiversionEnd, DivertOutcome, DivertRequest, PlatformBehaviour } from './divert-request.ts';
import type { DivertedCall } from './diverted-call.ts';
import type { LegTimeline } from './leg-timeline.ts';
import { Leg7, refused } from './leg7.ts';
import { type OfferShape, offerShape } from './offer-shapes.ts';
import { rendezvousTarget } from './rendezvous-target.ts';
import { type SdpAudio, SdpWriter, withDirection } from './sdp.ts';
import { unixMs } from './unix-time.ts';

/** Where Sordino is asked to send leg 7, and by what we know it again. */
export const CORRELATION_HEADER = 'X-Sim-Call';
export const RETURN_HEADER = 'X-Sim-Return';

/** Sordino has 2 s for leg 7 and refuses leg 5 then; a platform that waits this long has seen all it will see. */
const LEG5_ANSWER_TIMEOUT_MS = 10_000;
/** Leg 7 is Sordino's to close after a failure; after this long we do it, as any B2BUA that is left alone. */
const LEG7_LINGER_MS = 5_000;
/** The customer is back when its first packet comes; one that is silent (hold, discontinuous transmission) is back after this. */
const DIRECT_PACKET_TIMEOUT_MS = 2_000;
/** Seen in the wild: the re-INVITE back to the platform 10 ms before BYE. */
const SWAP_BACK_LEAD_MS = 10;

/** Q.850 16, normal call clearing. */
const NORMAL_CLEARING: SipReason = { protocol: 'Q.850', cause: 16, text: 'Normal call clearing' };

/** Legs 5 and 7 of one payment, and what they do to legs 4 and 8. */
export class Diversion {
  readonly cycle: number;
  readonly correlation: string;
  /** Settles when the customer's media is at Sordino and the agent hears leg 7, or when it is clear that neither will be. */
  readonly outcome: Promise<DivertOutcome>;
  readonly over: Promise<DiversionEnd>;
  /** How Sordino answered the second INVITE of `invitesTwice`. */
  secondInvite: SipLegEnd | undefined;
  readonly #call: DivertedCall;
  readonly #request: DivertRequest;
  readonly #behaviour: PlatformBehaviour;
  readonly #outcome = new Deferred<DivertOutcome>();
  readonly #over = new Deferred<DiversionEnd>();
  readonly #agentJoined = new Deferred<void>();
  readonly #leg5Writer: SdpWriter;
  readonly #leg7Gone = new Deferred<void>();
  #state: DiversionState = 'inviting';
  #leg5: SipLeg | undefined;
  #leg7: Leg7 | undefined;
  #shape: OfferShape | undefined;
  #moving: Promise<void> = Promise.resolve();
  #finished = false;
  #leg7Confirmed = false;
  #leg7Heard = false;
  #cancelTimer: NodeJS.Timeout | undefined;
  #rtpTimer: NodeJS.Timeout | undefined;

  constructor(call: DivertedCall, request: DivertRequest, cycle: number) {
    this.cycle = cycle;
    this.correlation = request.correlation;
    this.#call = call;
    this.#request = request;
    this.#behaviour = request.behaviour ?? {};
    this.#leg5Writer = new SdpWriter(call.nextSdpSessionId());
    this.outcome = this.#outcome.promise;
    this.over = this.#over.promise;
  }

  get state(): DiversionState {
    return this.#state;
  }

  /** Both legs are gone, and another diversion may begin. */
  get finished(): boolean {
    return this.#finished;
  }

  get leg5(): SipLeg | undefined {
    return this.#leg5;
  }

  get leg7(): Leg7 | undefined {
    return this.#leg7;
  }

  /** Never rejects: what goes wrong here is an outcome. */
  async start(): Promise<void> {
    const { bridge, host, customer } = this.#call;
    try {
      this.#leg7 = await this.#openLeg7();
      this.#shape = offerShape(this.#request.offer, {
        customer,
        bridge,
        host,
        writer: this.#leg5Writer,
        behaviour: this.#behaviour,
      });
      const offer = await this.#shape.firstOffer();
      // The customer may have hung up while it was asked.
      if (this.#state === 'inviting') this.#invite(offer);
    } catch (error) {
      this.#refuse(undefined, error instanceof Error ? error.message : String(error));
    }
  }

  /** The INVITE that came back with our correlation header. */
  takeLeg7(leg: SipLeg, invite: IncomingInvite): SipLegHandlers {
    // RFC 3261 §21.4.19: the call that this would belong to does not exist any more.
    if (this.#finished || !this.#leg7) return refused(leg, 481);
    return this.#leg7.take(leg, invite);
  }

  /** We end it ourselves: leg 5 is released and the call restored. */
  async release(reason: SipReason = NORMAL_CLEARING): Promise<void> {
    if (this.#state === 'inviting') this.#leg5?.hangup(reason);
    else if (this.#enter('released')) {
      await this.#hangUpLeg5(reason);
      void this.#restore();
    }
  }

  /** Restores after all, where `neverTakesCustomerBack` had kept us from it. */
  async takeCustomerBack(): Promise<void> {
    if (this.#state === 'restoring') await this.#giveBack();
  }

  /** The customer hung up: Sordino must hear of it on leg 5 and close leg 7. */
  async customerGone(): Promise<void> {
    if (!this.#enter('call_ended')) return;
    this.#outcome.resolve(this.#notEngaged(undefined, 'the customer hung up'));
    await this.#hangUpLeg5(NORMAL_CLEARING);
    await this.#leg7ClosedBySordino();
    this.#finish('call_ended');
  }

  /** The agent hung up: leg 7 goes, and Sordino gives the customer back by BYE on leg 5. */
  agentGone(): void {
    this.#leg7?.leg?.hangup(NORMAL_CLEARING);
  }

  /** Re-INVITE on leg 5 or 7 as a hold button makes it; `sendrecv` takes it off again. The final status. */
  async hold(which: 'leg5' | 'leg7', direction: SdpAudio['direction']): Promise<number> {
    const leg = which === 'leg5' ? this.#leg5 : this.#leg7?.leg;
    if (!leg || !this.#leg7) throw new Error(`${which} is not up`);
    const sdp =
      which === 'leg5'
        ? this.#leg5Writer.adopt(withDirection(this.#call.customer.lastSdp, direction))
        : this.#leg7.ownSdp(direction);
    const outcome = await leg.reoffer(sdp);
    return outcome.ok ? 200 : outcome.status;
  }

  /** The customer's phone has something new to say about its media. Sordino's answer, or undefined when it refused. */
  async reofferLeg5(sdp: string): Promise<string | undefined> {
    const outcome = await this.#leg5?.reoffer(this.#leg5Writer.adopt(sdp));
    if (!outcome?.ok) return undefined;
    this.#call.customer.lastSdp = sdp;
    return outcome.sdp;
  }

  async #openLeg7(): Promise<Leg7> {
    const { bridge, host, capture, agentCodec } = this.#call;
    const anchor = await bridge.openLeg7(
      {
        leg7Captured: (packet) => {
          capture.add({ ...packet, cycle: this.cycle });
          if (packet.kind === 'rtp') this.#heardLeg7();
          this.#observeLeg7();
        },
      },
      host,
    );
    if (this.#behaviour.forgesLeg7) anchor.forgeNextHandshake(this.#behaviour.forgesLeg7);
    return new Leg7({
      behaviour: this.#behaviour,
      anchor,
      codec: agentCodec,
      sessionId: this.#call.nextSdpSessionId(),
      events: {
        inviting: () => this.#observe('leg7_out', 'inviting'),
        accepted: () => this.#leg7Accepted(),
        confirmed: () => {
          this.#leg7Confirmed = true;
          this.#observe('leg7_out', 'confirmed');
          this.#observeLeg7();
        },
        ended: (end) => this.#leg7Ended(end),
      },
    });
  }

  #invite(offer: string | undefined): void {
    const { sip, customer, callerUri, returnUri } = this.#call;
    const { target, headers } = rendezvousTarget(this.#request, customer.leg.dialog);
    const invite = {
      target,
      from: callerUri,
      offer,
      answerTimeoutMs: LEG5_ANSWER_TIMEOUT_MS,
      ...(this.#behaviour.leg5SessionTimer && { sessionTimer: this.#behaviour.leg5SessionTimer }),
      headers: [
        [CORRELATION_HEADER, this.correlation],
        [RETURN_HEADER, returnUri],
        ...headers,
        ...(this.#behaviour.leg5Headers ?? []),
      ] satisfies SipHeaders,
    };
    this.#observe('leg5_in', 'inviting');
    this.#leg5 = sip.invite(invite, {
      progress: () => this.#observe('leg5_in', 'early'),
      answered: (sdp) => this.#leg5Answered(sdp),
      reoffered: (reoffer) => void this.#passToCustomer(reoffer),
      refreshed: () => this.#behaviour.refreshStatus?.leg5 ?? 200,
      ended: (end) => this.#leg5Ended(end),
    });
    if (this.#behaviour.invitesTwice) {
      sip.invite(invite, {
        answered: () => undefined,
        ended: (end) => {
          this.secondInvite = end;
        },
      });
    }
    const { cancelsLeg5AfterMs } = this.#behaviour;
    if (cancelsLeg5AfterMs !== undefined) {
      this.#cancelTimer = setTimeout(() => {
        if (this.#state === 'inviting') this.#leg5?.hangup();
      }, cancelsLeg5AfterMs);
    }
  }

  #heardLeg7(): void {
    this.#leg7Heard = true;
    const { rtpTimeoutMs } = this.#behaviour;
    if (rtpTimeoutMs === undefined) return;
    clearTimeout(this.#rtpTimer);
    this.#rtpTimer = setTimeout(() => {
      if (this.#state === 'engaged') void this.release();
    }, rtpTimeoutMs);
  }

  /** RTP may overtake the ACK. */
  #observeLeg7(): void {
    if (this.#leg7Confirmed && this.#leg7Heard) this.#observe('leg7_out', 'media_up');
  }

  #leg5Answered(sdp: string | undefined): void {
    const leg5 = this.#leg5;
    if (!leg5 || !this.#enter('answered')) return;
    this.#observe('leg5_in', 'confirmed');
    this.#leg7?.leg5Answered();
    this.#moving = this.#move(leg5, sdp);
  }

  async #move(leg5: SipLeg, sdp: string | undefined): Promise<void> {
    this.#observe('leg4_customer', 'inviting');
    const moved = sdp !== undefined && (await this.#shape?.move(leg5, sdp));
    if (!moved) {
      if (this.#call.customer.gone) return;
      void this.release();
      return;
    }
    this.#observe('leg4_customer', 'confirmed');
    if (!this.#enter('moved')) return;
    void this.#agentJoined.promise.then(() =>
      this.#outcome.resolve({ engaged: true, cycle: this.cycle, at_ms: unixMs() }),
    );
  }

  /** Sordino moved its own media (another port, another worker): the customer must follow. */
  async #passToCustomer(reoffer: Reoffer): Promise<void> {
    const { customer } = this.#call;
    const { refusesReoffer } = this.#behaviour;
    if (refusesReoffer?.leg === 'leg5') {
      reoffer.reject(refusesReoffer.status);
      return;
    }
    const answer = reoffer.sdp === undefined ? customer.lastSdp : await customer.put(reoffer.sdp);
    if (answer === undefined) reoffer.reject(488);
    else reoffer.accept(this.#leg5Writer.adopt(answer));
  }

  #leg5Ended(end: SipLegEnd): void {
    clearTimeout(this.#cancelTimer);
    this.#observe('leg5_in', end.how === 'bye' ? 'terminated' : 'failed');
    this.#call.ended('leg5_in', this.cycle, end);
    if (this.#state === 'inviting')
      this.#refuse(end.status, `leg 5 ${end.how}${end.reason ? `: ${end.reason}` : ''}`);
    else if (this.#enter('released')) void this.#restore();
  }

  #leg7Accepted(): void {
    this.#observe('leg8_agent', 'inviting');
    this.#call.bridge.joinAgentTo('leg7', () => {
      this.#observe('leg8_agent', 'media_up');
      this.#agentJoined.resolve(undefined);
    });
  }

  #leg7Ended(end: SipLegEnd): void {
    this.#observe('leg7_out', end.how === 'bye' ? 'terminated' : 'failed');
    this.#observe('leg8_agent', 'terminated');
    this.#call.ended('leg7_out', this.cycle, end);
    this.#leg7Gone.resolve(undefined);
    this.#call.bridge.giveAgent('customer');
    // Without leg 7 the agent hears nobody: no platform leaves it at that. Our own BYE means that the agent left.
    if (this.#behaviour.leavesLeg5ToSordino) return;
    if (end.by !== 'us' && (this.#state === 'moving' || this.#state === 'engaged')) void this.release();
  }

  #refuse(status: number | undefined, reason: string): void {
    if (!this.#enter('refused')) return;
    this.#shape?.abandon();
    this.#outcome.resolve(this.#notEngaged(status, reason));
    void this.#leg7ClosedBySordino().then(() => this.#finish('refused'));
  }

  async #restore(): Promise<void> {
    await this.#moving;
    this.#outcome.resolve(this.#notEngaged(undefined, 'released before it was engaged'));
    if (!this.#behaviour.neverTakesCustomerBack) await this.#giveBack();
  }

  /** Design section 5 (c): the customer comes back to our anchor, the agent hears it from its first packet on, then BYE on leg 7. */
  async #giveBack(): Promise<void> {
    const { bridge, customer } = this.#call;
    this.#observe('leg4_customer', 'terminating');
    const heard = new Promise<void>((resolve) => bridge.joinAgentTo('customer', () => resolve()));
    if (customer.at === 'sordino') {
      if (!(await customer.takeBack())) {
        this.#call.broken();
        return;
      }
      await within(heard, DIRECT_PACKET_TIMEOUT_MS);
    } else {
      bridge.feedCustomerFrom('agent');
    }
    bridge.giveAgent('customer');
    this.#observe('leg4_customer', 'terminated');
    if (!this.#behaviour.neverEndsLeg7) this.#leg7?.leg?.hangup(NORMAL_CLEARING);
    if (this.#leg7?.leg) await this.#leg7Gone.promise;
    if (this.#enter('restored')) this.#finish('restored');
  }

  async #hangUpLeg5(reason: SipReason): Promise<void> {
    this.#observe('leg5_in', 'terminating');
    const leg5 = this.#leg5;
    if (leg5 && this.#behaviour.swapsBackBeforeBye && leg5.state === 'confirmed') {
      await this.#shape?.swapBack(leg5);
      await new Promise((resolve) => setTimeout(resolve, SWAP_BACK_LEAD_MS));
    }
    leg5?.hangup(reason);
  }

  async #leg7ClosedBySordino(): Promise<void> {
    const leg = this.#leg7?.leg;
    if (!leg) return;
    await within(this.#leg7Gone.promise, LEG7_LINGER_MS);
    leg.hangup(NORMAL_CLEARING);
    await this.#leg7Gone.promise;
  }

  #finish(how: DiversionEnd['how']): void {
    this.#finished = true;
    clearTimeout(this.#rtpTimer);
    this.#call.bridge.endDiversion();
    this.#observe('leg4_customer', 'terminated');
    this.#over.resolve({ cycle: this.cycle, how, at_ms: unixMs() });
  }

  #notEngaged(status: number | undefined, reason: string): DivertOutcome {
    return { engaged: false, cycle: this.cycle, status, reason };
  }

  #enter(event: DiversionEvent): boolean {
    const next = nextState(DIVERSION_TRANSITIONS, this.#state, event);
    if (next !== undefined) this.#state = next;
    return next !== undefined;
  }

  #observe(role: LegRole, state: Parameters<LegTimeline['enter']>[2]): void {
    this.#call.timeline.enter(role, this.cycle, state);
  }
}
