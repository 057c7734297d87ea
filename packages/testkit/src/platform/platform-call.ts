import type { LegRole } from '@sordino/core';
import type { IncomingInvite, Reoffer, SipLeg, SipLegEnd, SipLegHandlers } from '@sordino/interception';
import type { SpokenCodec } from '../audio/codec.ts';
import type { Security } from '../rtp/secure-media.ts';
import { CustomerSide } from './customer-side.ts';
import { Deferred } from './deferred.ts';
import { Diversion } from './diversion.ts';
import type { DivertRequest } from './divert-request.ts';
import type { DivertedCall } from './diverted-call.ts';
import type { LegTimeline } from './leg-timeline.ts';
import { MediaBridge } from './media-bridge.ts';
import type { PacketCapture } from './packet-capture.ts';
import { referByHand } from './refer-by-hand.ts';
import { commonCodec, mirrored, mustReadSdp, readSdp, SdpWriter } from './sdp.ts';
import { hostPort, type SimSip } from './sim-sip.ts';
import { type TakenBehaviour, TakenCall } from './taken-call.ts';

/** How long the agent's phone may ring. */
const AGENT_ANSWER_TIMEOUT_MS = 30_000;

/** What becomes of the customer when the agent hangs up while Sordino is in the call. */
export type WhenAgentLeaves = 'keep_customer' | 'hang_up';

/** How a leg of Sordino ended. */
export interface ObservedEnd {
  readonly role: LegRole;
  readonly cycle: number;
  readonly end: SipLegEnd;
}

export interface CallParts {
  readonly sip: SimSip;
  readonly host: string;
  readonly agentUri: string;
  readonly codecs: readonly SpokenCodec[];
  readonly srtp: Security | undefined;
  readonly timeline: LegTimeline;
  readonly capture: PacketCapture;
  readonly returnUri: string;
  readonly whenAgentLeaves: WhenAgentLeaves;
  nextSdpSessionId(): number;
}

/** A refusal of the customer's INVITE: nothing of the call exists. */
class CallRefused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** One call: legs 1 and 2, their media bridge, and the diversion that it is in. */
export class PlatformCall {
  /** Both legs are up. Rejects with the reason when the call never came to be. */
  readonly established: Promise<void>;
  readonly ended: Promise<void>;
  /** How legs 5 and 7 ended, in order. */
  readonly ends: ObservedEnd[] = [];
  readonly #parts: CallParts;
  readonly #customerLeg: SipLeg;
  readonly #ended = new Deferred<void>();
  readonly #acknowledged = new Deferred<void>();
  readonly #callerUri: string;
  #agentLeg: SipLeg | undefined;
  #bridge: MediaBridge | undefined;
  #customer: CustomerSide | undefined;
  #agentWriter: SdpWriter | undefined;
  #agentEventPayloadType: number | undefined;
  #diversions: Diversion[] = [];
  #taken: TakenCall | undefined;
  #over = false;

  constructor(leg: SipLeg, invite: IncomingInvite, parts: CallParts) {
    this.#parts = parts;
    this.#customerLeg = leg;
    const { host, port } = parts.sip.local('udp');
    this.#callerUri = `sip:${invite.fromUser ?? 'anonymous'}@${hostPort({ host, port })}`;
    this.ended = this.#ended.promise;
    this.established = this.#connect(invite);
    this.established.catch((error: unknown) => {
      leg.reject(error instanceof CallRefused ? error.status : 500);
      this.#finish();
    });
  }

  /** Handlers of leg 1. */
  get handlers(): SipLegHandlers {
    return {
      acknowledged: () => this.#acknowledged.resolve(undefined),
      reoffered: (reoffer) => void this.#customerReoffered(reoffer),
      ended: () => void this.#customerEnded(),
    };
  }

  get over(): boolean {
    return this.#over;
  }

  /** The platform's side of the customer's dialog, for `call.dialog` of the session API. */
  get dialog(): SipLeg['dialog'] {
    return this.#customerLeg.dialog;
  }

  get diversions(): readonly Diversion[] {
    return this.#diversions;
  }

  /** The diversion that was begun last. */
  get diversion(): Diversion {
    const last = this.#diversions.at(-1);
    if (!last) throw new Error('this call was never diverted: call divert() first');
    return last;
  }

  /** Begins the next diversion; `Diversion.outcome` tells how it went. */
  divert(request: DivertRequest): Diversion {
    const customer = this.#customer;
    const bridge = this.#bridge;
    if (!customer || !bridge || customer.leg.state !== 'confirmed')
      throw new Error('no established call to divert');
    const current = this.#diversions.at(-1);
    if (current && current.state !== 'over')
      throw new Error(`diversion ${current.cycle} is still ${current.state}`);
    const diversion = new Diversion(
      this.#divertedCall(customer, bridge),
      request,
      this.#diversions.length + 1,
    );
    this.#diversions.push(diversion);
    void diversion.start();
    return diversion;
  }

  /** Sordino may take this call by itself, once; it is ready for that when this resolves. */
  async letTake(behaviour: TakenBehaviour = {}): Promise<TakenCall> {
    const customer = this.#customer;
    const bridge = this.#bridge;
    if (!customer || !bridge) throw new Error('no established call to take');
    this.#taken = await TakenCall.prepare(
      this.#divertedCall(customer, bridge),
      behaviour,
      this.#diversions.length + 1,
    );
    return this.#taken;
  }

  /** The call as Sordino took it, or may take it. */
  get taken(): TakenCall | undefined {
    return this.#taken;
  }

  /** Re-INVITE on a leg of Sordino, as a platform's hold button does it; `sendrecv` takes it off. The final status. */
  async hold(which: 'leg5' | 'leg7', direction: 'sendonly' | 'inactive' | 'sendrecv'): Promise<number> {
    return await this.diversion.hold(which, direction);
  }

  /** Connected-line update: a re-INVITE on leg 7 with nothing new in it. The final status. */
  async updateConnectedLine(): Promise<number> {
    return await this.hold('leg7', 'sendrecv');
  }

  /** REFER on a leg of Sordino. The final status. See `referByHand` for what it does to the leg. */
  async refer(which: 'leg5' | 'leg7', referTo: string): Promise<number> {
    const { leg5, leg7 } = this.diversion;
    const dialog = (which === 'leg5' ? leg5 : leg7?.leg)?.dialog;
    if (!dialog) throw new Error(`${which} is not up`);
    return await referByHand(dialog, referTo, this.#parts.sip.trace);
  }

  /** BYE (or CANCEL, or a refusal) on one leg, without any of the care that `Diversion.release` takes. */
  hangUp(which: 'customer' | 'agent' | 'leg5' | 'leg7'): void {
    const legs = {
      customer: () => this.#customerLeg,
      agent: () => this.#agentLeg,
      leg5: () => this.diversion.leg5,
      leg7: () => this.diversion.leg7?.leg,
    };
    const leg = legs[which]();
    if (!leg) throw new Error(`${which} is not up`);
    leg.hangup();
  }

  /** Ends everything at once: for the end of a test. */
  close(): void {
    this.#customerLeg.hangup();
    this.#agentLeg?.hangup();
    const current = this.#diversions.at(-1);
    current?.leg5?.hangup();
    current?.leg7?.leg?.hangup();
    this.#taken?.close();
    this.#finish();
  }

  async #connect(invite: IncomingInvite): Promise<void> {
    const { sip, host, agentUri, codecs, srtp, nextSdpSessionId } = this.#parts;
    // The simulated phones always offer; a delayed offer on leg 1 would test nothing of Sordino.
    if (invite.sdp === undefined) throw new CallRefused(488, 'the INVITE of leg 1 has no offer');
    const offer = readSdp(invite.sdp);
    if ('problem' in offer) throw new CallRefused(488, `leg 1: ${offer.problem}`);
    const codec = commonCodec(offer.codecs, codecs);
    if (codec === undefined) throw new CallRefused(488, 'leg 1: no common codec');

    const bridge = await MediaBridge.open(host, srtp);
    this.#bridge = bridge;
    if (this.#customerLeg.state === 'ended')
      throw new CallRefused(487, 'the customer hung up while we opened ports');
    const customer = new CustomerSide(this.#customerLeg, invite.sdp, codec, bridge, nextSdpSessionId());
    this.#customer = customer;
    this.#agentEventPayloadType = offer.eventPayloadType;
    this.#agentWriter = new SdpWriter(nextSdpSessionId());
    this.#customerLeg.ring(180);
    const answer = new Deferred<string | CallRefused>();
    this.#agentLeg = sip.invite(
      {
        target: agentUri,
        from: this.#callerUri,
        offer: this.#agentSdp('sendrecv'),
        answerTimeoutMs: AGENT_ANSWER_TIMEOUT_MS,
      },
      {
        answered: (sdp) => answer.resolve(sdp ?? new CallRefused(500, 'the agent answered without SDP')),
        reoffered: (reoffer) => this.#agentReoffered(reoffer),
        ended: (end) => {
          answer.resolve(new CallRefused(end.status ?? 480, `the agent did not answer: ${end.how}`));
          this.#agentEnded();
        },
      },
    );
    const answered = await answer.promise;
    if (answered instanceof CallRefused) throw answered;
    bridge.agent.setPeer(mustReadSdp(answered, 'agent'));
    this.#customerLeg.accept(customer.ownSdp());
    await Promise.race([this.#acknowledged.promise, this.ended]);
    if (this.#over) throw new CallRefused(500, 'leg 1 was never acknowledged');
  }

  #divertedCall(customer: CustomerSide, bridge: MediaBridge): DivertedCall {
    const { sip, host, timeline, capture, returnUri, nextSdpSessionId } = this.#parts;
    return {
      sip,
      host,
      bridge,
      customer,
      agentCodec: customer.codec,
      timeline,
      capture,
      callerUri: this.#callerUri,
      returnUri,
      nextSdpSessionId,
      ended: (role, cycle, end) => this.ends.push({ role, cycle, end }),
      broken: () => this.#customerLeg.hangup(),
    };
  }

  #agentSdp(direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'): string {
    const { bridge, customer, writer } = {
      bridge: this.#bridge,
      customer: this.#customer,
      writer: this.#agentWriter,
    };
    if (!bridge || !customer || !writer) throw new Error('leg 2 has no media yet');
    return writer.write(bridge.agent.describe(customer.codec, this.#agentEventPayloadType, direction));
  }

  /** The customer's phone holds, or takes another address: while diverted that is Sordino's to know. */
  async #customerReoffered(reoffer: Reoffer): Promise<void> {
    const customer = this.#customer;
    if (!customer) {
      reoffer.reject(500);
      return;
    }
    const diversion = this.#diversions.at(-1);
    if (customer.at === 'sordino' && diversion && !diversion.finished) {
      const answer = reoffer.sdp === undefined ? undefined : await diversion.reofferLeg5(reoffer.sdp);
      if (answer === undefined) reoffer.reject(488);
      else reoffer.accept(customer.wrap(answer));
      return;
    }
    const audio = reoffer.sdp === undefined ? undefined : readSdp(reoffer.sdp);
    if (audio && 'problem' in audio) {
      reoffer.reject(488);
      return;
    }
    if (reoffer.sdp !== undefined) customer.hears(reoffer.sdp);
    reoffer.accept(customer.ownSdp(mirrored(audio?.direction ?? 'sendrecv')));
  }

  #agentReoffered(reoffer: Reoffer): void {
    const audio = reoffer.sdp === undefined ? undefined : readSdp(reoffer.sdp);
    if (audio && 'problem' in audio) {
      reoffer.reject(488);
      return;
    }
    if (audio) this.#bridge?.agent.setPeer(audio);
    reoffer.accept(this.#agentSdp(mirrored(audio?.direction ?? 'sendrecv')));
  }

  async #customerEnded(): Promise<void> {
    this.#agentLeg?.hangup();
    const current = this.#diversions.at(-1);
    this.#taken?.customerGone();
    await current?.customerGone();
    this.#finish();
  }

  #agentEnded(): void {
    const current = this.#diversions.at(-1);
    if (this.#over || this.#customerLeg.state !== 'confirmed') return;
    if (this.#taken && this.#customer?.at === 'sordino') {
      this.#taken.agentGone();
      return;
    }
    if (!current || current.finished) {
      this.#customerLeg.hangup();
      return;
    }
    current.agentGone();
    if (this.#parts.whenAgentLeaves === 'hang_up') void current.over.then(() => this.#customerLeg.hangup());
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#bridge?.close();
    this.#ended.resolve(undefined);
  }
}
