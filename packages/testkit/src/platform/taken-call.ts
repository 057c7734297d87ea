import type { IncomingInvite, SipDialogId, SipLeg, SipLegEnd, SipLegHandlers } from '@sordino/interception';
import { Deferred, within } from './deferred.ts';
import type { DiversionEnd } from './divert-request.ts';
import type { DivertedCall } from './diverted-call.ts';
import { Leg7, refused } from './leg7.ts';
import { notifyByHand } from './refer-by-hand.ts';
import { SdpWriter } from './sdp.ts';
import { unixMs } from './unix-time.ts';

/** The customer is back when its first packet comes; one that is silent is back after this. */
const DIRECT_PACKET_TIMEOUT_MS = 2_000;

const ACTIVE = 'active;expires=60';
const OVER = 'terminated;reason=noresource';

/** What becomes of a REFER that gives the customer back. */
export type GiveBack = 'takes' | 'refuses' | 'fails' | 'no_notify' | 'no_subscription';

/** How well the platform behaves when its call is taken. Everything is off by default. */
export interface TakenBehaviour {
  /** Final answer on leg 7 instead of 200. */
  readonly refusesLeg7?: number;
  /** Final answer to the INVITE with Replaces instead of 200. */
  readonly refusesTaking?: number;
  /** The INVITE with Replaces is answered so much later. */
  readonly takingDelayMs?: number;
  /** What becomes of each REFER in turn; default `takes`. */
  readonly givesBack?: readonly GiveBack[];
}

/**
 * A call that Sordino takes by standard transfer verbs only, as the edge of a platform lives it: it speaks for the customer's side as
 * well. INVITE with Replaces for the customer's dialog brings the customer's media to whoever sent it (RFC 3891); REFER with Replaces for
 * the dialog of leg 7 joins customer and agent again (RFC 5589 §7).
 */
export class TakenCall {
  /** Settles when the customer's media is at Sordino; false: it never got there. */
  readonly taken: Promise<boolean>;
  readonly over: Promise<DiversionEnd>;
  /** REFERs that came, by what became of them. */
  readonly asked: GiveBack[] = [];
  readonly #call: DivertedCall;
  readonly #behaviour: TakenBehaviour;
  readonly #cycle: number;
  readonly #leg7: Leg7;
  readonly #taken = new Deferred<boolean>();
  readonly #over = new Deferred<DiversionEnd>();
  readonly #leg7Gone = new Deferred<void>();
  readonly #writer: SdpWriter;
  #leg5: SipLeg | undefined;
  #finished = false;

  private constructor(
    call: DivertedCall,
    behaviour: TakenBehaviour,
    cycle: number,
    leg7: (self: TakenCall) => Leg7,
  ) {
    this.#call = call;
    this.#behaviour = behaviour;
    this.#cycle = cycle;
    this.#writer = new SdpWriter(call.nextSdpSessionId());
    this.taken = this.#taken.promise;
    this.over = this.#over.promise;
    this.#leg7 = leg7(this);
  }

  static async prepare(call: DivertedCall, behaviour: TakenBehaviour, cycle: number): Promise<TakenCall> {
    const { bridge, capture, host, agentCodec } = call;
    const leg7Captured = (packet: Parameters<typeof capture.add>[0]): void => capture.add(packet);
    const anchor = await bridge.openLeg7(
      { leg7Captured: (packet) => leg7Captured({ ...packet, cycle }) },
      host,
    );
    return new TakenCall(
      call,
      behaviour,
      cycle,
      (self) =>
        new Leg7({
          behaviour,
          anchor,
          codec: agentCodec,
          sessionId: call.nextSdpSessionId(),
          events: {
            inviting: () => undefined,
            accepted: () => bridge.joinAgentTo('leg7', () => undefined),
            confirmed: () => undefined,
            ended: (end) => self.#leg7Ended(end),
          },
        }),
    );
  }

  /** The offer of leg 7 as Sordino sent it. */
  get leg7Offer(): string | undefined {
    return this.#leg7.offer;
  }

  takeLeg7(leg: SipLeg, invite: IncomingInvite): SipLegHandlers {
    return this.#finished ? refused(leg, 481) : this.#leg7.take(leg, invite);
  }

  /** INVITE with Replaces. */
  takePlace(leg: SipLeg, invite: IncomingInvite): SipLegHandlers {
    const { refusesTaking, takingDelayMs = 0 } = this.#behaviour;
    // RFC 3891 §3: 481 where no dialog fits. The other end of our dialog is meant: what is remote to us is local there.
    const ours = this.#call.customer.leg.dialog;
    const meant = ours && { ...ours, localTag: ours.remoteTag, remoteTag: ours.localTag };
    const status = refusesTaking ?? (names(invite.header('Replaces')[0], meant) ? undefined : 481);
    if (status !== undefined) return refused(leg, status);
    this.#leg5 = leg;
    setTimeout(() => void this.#move(leg, invite), takingDelayMs);
    return {
      reoffered: (reoffer) => reoffer.reject(488),
      referred: (referTo) => this.#referred(referTo),
      ended: (end) => this.#leg5Ended(end),
    };
  }

  /** The customer hung up: D5 goes with it. */
  customerGone(): void {
    this.#leg5?.hangup();
  }

  agentGone(): void {
    this.#leg7.leg?.hangup();
  }

  close(): void {
    this.#leg5?.hangup();
    this.#leg7.leg?.hangup();
  }

  async #move(leg: SipLeg, invite: IncomingInvite): Promise<void> {
    // A CANCEL came first.
    if (leg.state !== 'offered' || invite.sdp === undefined) return;
    const answer = await this.#call.customer.put(invite.sdp);
    if (answer === undefined) leg.reject(488);
    else leg.accept(this.#writer.adopt(answer));
    this.#taken.resolve(answer !== undefined);
  }

  #referred(referTo: string): number {
    const how = this.#behaviour.givesBack?.[this.asked.length] ?? 'takes';
    this.asked.push(how);
    const replaces = /[?&]Replaces=([^&>]+)/.exec(referTo)?.[1];
    if (how === 'refuses') return 603;
    if (!names(replaces && decodeURIComponent(replaces), this.#leg7.leg?.dialog)) return 481;
    // The 202 leaves first.
    setImmediate(() => void this.#giveBack(how));
    return 202;
  }

  async #giveBack(how: GiveBack): Promise<void> {
    if (how === 'no_notify') return;
    await this.#notify(how, 'SIP/2.0 100 Trying', ACTIVE);
    if (how === 'fails') {
      await this.#notify(how, 'SIP/2.0 503 Service Unavailable', OVER);
      return;
    }
    const { bridge, customer } = this.#call;
    const heard = new Promise<void>((resolve) => bridge.joinAgentTo('customer', () => resolve()));
    if (!(await customer.takeBack())) {
      await this.#notify(how, 'SIP/2.0 488 Not Acceptable Here', OVER);
      return;
    }
    await within(heard, DIRECT_PACKET_TIMEOUT_MS);
    bridge.giveAgent('customer');
    // RFC 3891 §3: the dialog that was replaced is ended by BYE.
    this.#leg7.leg?.hangup({ protocol: 'SIP', cause: 200, text: 'Replaced' });
    await this.#leg7Gone.promise;
    await this.#notify(how, 'SIP/2.0 200 OK', OVER);
  }

  async #notify(how: GiveBack, sipfrag: string, state: string): Promise<void> {
    const dialog = this.#leg5?.dialog;
    if (dialog && how !== 'no_subscription') await notifyByHand(dialog, sipfrag, state, this.#call.sip);
  }

  #leg5Ended(end: SipLegEnd): void {
    this.#call.ended('leg5_in', this.#cycle, end);
    this.#taken.resolve(false);
    // Standard verbs only: who is hung up on without having been given back has lost the call.
    if (this.#call.customer.at === 'sordino') this.#call.customer.leg.hangup();
    this.#finishIfGone();
  }

  #leg7Ended(end: SipLegEnd): void {
    this.#call.ended('leg7_out', this.#cycle, end);
    this.#leg7Gone.resolve(undefined);
    if (this.#call.customer.at !== 'sordino') this.#call.bridge.giveAgent('customer');
    if (this.#leg5 === undefined) this.#taken.resolve(false);
    this.#finishIfGone();
  }

  #finishIfGone(): void {
    const gone = (leg: SipLeg | undefined): boolean => leg === undefined || leg.state === 'ended';
    if (this.#finished || !gone(this.#leg5) || !gone(this.#leg7.leg)) return;
    this.#finished = true;
    const { bridge, customer } = this.#call;
    bridge.endDiversion();
    const how = this.#leg5?.dialog === undefined ? 'refused' : customer.gone ? 'call_ended' : 'restored';
    this.#over.resolve({ cycle: this.#cycle, how, at_ms: unixMs() });
  }
}

/** RFC 3891 §3: the dialog as its receiver sees it, `to-tag` being its own. */
const names = (replaces: string | undefined, dialog: SipDialogId | undefined): boolean =>
  dialog !== undefined &&
  replaces?.trim() === `${dialog.callId};to-tag=${dialog.localTag};from-tag=${dialog.remoteTag}`;
