import type { Log, SessionId } from '@sordino/core';
import type {
  IncomingInvite,
  OutgoingInvite,
  ReferAttempt,
  ReferHandlers,
  ReferOutcome,
  ReferRequest,
  ReofferOutcome,
  SdpText,
  SipCalls,
  SipDialogId,
  SipLeg,
  SipLegHandlers,
  SipLegState,
  SipReason,
} from '../ports/sip-calls.ts';
import { nextTakenLeg, type TakenLegEvent, type TakenLegState } from './taken-leg-state.ts';

export interface TakenLegParts {
  readonly session: SessionId;
  readonly sip: SipCalls;
  readonly log: Log;
  /** INVITE with Replaces, but for our offer. */
  readonly invite: Omit<OutgoingInvite, 'offer' | 'sessionUuid'>;
  /** Where whoever holds the customer shall call to take our place on leg 7. */
  readonly leg7Target: string;
  readonly notifyTimeoutMs: number;
  /** Undefined until it is invited. */
  leg7(): SipLeg | undefined;
  /** The customer cannot be given back: people talk on through us, masked. */
  stuck(): void;
}

/**
 * Flow (b), second form, for platforms that have only the standard transfer verbs: leg 5 is an INVITE of ours with Replaces (RFC 3891), which
 * takes the platform's place in its dialog with the customer's side. To the engagement it looks like a platform's INVITE without an offer
 * (shape a-1): `accept` sends the INVITE, its 200 is the ACK with the customer's description, and nothing has moved before. `hangup`
 * gives the customer back (restore c-2): REFER with Replaces, so that the customer's side takes our place on leg 7, and BYE only after its
 * final NOTIFY.
 */
export class TakenLeg implements SipLeg {
  readonly id: string;
  readonly role = 'uac';
  readonly sessionUuid: string;
  readonly #parts: TakenLegParts;
  #handlers: SipLegHandlers = { ended: () => {} };
  #state: TakenLegState = 'waiting';
  #leg: SipLeg | undefined;
  #reason: SipReason | undefined;
  /** Nothing is waited for but the end of a REFER that is under way. */
  #lastWord = false;
  /** A REFER is out whose NOTIFYs we wait for. */
  #asking = false;

  /** `sessionUuid`: our half of Session-ID, which leg 7 shares. */
  constructor(parts: TakenLegParts, sessionUuid: string) {
    this.#parts = parts;
    this.id = `taken-${parts.session}`;
    this.sessionUuid = sessionUuid;
  }

  /** Gives the leg to the engagement, as an INVITE 5 that says nothing of itself. */
  begin(take: (leg: SipLeg, invite: IncomingInvite) => SipLegHandlers): void {
    this.#handlers = take(this, NO_INVITE);
  }

  get state(): SipLegState {
    return this.#leg?.state ?? (this.#state === 'over' ? 'ended' : 'offered');
  }

  get callId(): string {
    return this.#leg?.callId ?? '';
  }

  get dialog(): SipDialogId | undefined {
    return this.#leg?.dialog;
  }

  ring(): void {}

  /** The commit point is not this but the 200: `acknowledged` tells of it. */
  accept(sdp: SdpText): void {
    if (!this.#move('offered')) return;
    const { sip, invite, leg7Target } = this.#parts;
    const { label } = this.#handlers;
    this.#leg = sip.invite(
      { ...invite, offer: sdp, sessionUuid: this.sessionUuid },
      {
        ...this.#handlers,
        ...(label && { label: { ...label, giveBackTo: leg7Target } }),
        answered: (answer) => {
          if (this.#move('answered')) this.#handlers.acknowledged?.(answer);
        },
        ended: (end) => {
          this.#move('over');
          this.#handlers.ended(end);
        },
      },
    );
  }

  /** Before the 200: CANCEL, and nothing has moved. */
  reject(): void {
    if (this.#leg === undefined) this.#move('over');
    this.#leg?.hangup();
  }

  acknowledge(): void {}

  async reoffer(sdp: SdpText | undefined): Promise<ReofferOutcome> {
    return (await this.#leg?.reoffer(sdp)) ?? { ok: false, status: 481 };
  }

  refer(request: ReferRequest, handlers: ReferHandlers): ReferAttempt {
    return this.#leg?.refer(request, handlers) ?? { callId: '', giveUp: () => {} };
  }

  hangup(reason?: SipReason): void {
    this.#reason ??= reason;
    switch (this.#state) {
      case 'waiting':
      case 'taking':
        this.reject();
        return;
      case 'taken':
        if (this.#nobodyLeft()) this.#leave();
        else if (this.#move('give')) this.#give();
        return;
      case 'giving':
      case 'retrying':
        // Never a BYE before the final NOTIFY: whoever holds the customer may be about to call.
        this.#lastWord = true;
        if (!this.#asking) this.#leave();
        return;
      default:
        this.#leave();
    }
  }

  /** RFC 5589 §7: attended transfer, the customer's side to the agent's. */
  #give(): void {
    const { leg7Target, notifyTimeoutMs } = this.#parts;
    const dialog = this.#parts.leg7()?.dialog;
    if (dialog === undefined || this.#leg === undefined) {
      this.#leave();
      return;
    }
    this.#asking = true;
    const { callId, localTag, remoteTag } = dialog;
    // As the platform sees D7: its tag is our remote one.
    const replaces = { callId, localTag: remoteTag, remoteTag: localTag };
    this.#leg.refer(
      { referTo: leg7Target, replaces, notifyTimeoutMs },
      { ended: (outcome) => this.#told(outcome) },
    );
  }

  #told({ how, status, reason }: ReferOutcome): void {
    this.#asking = false;
    const { log, session } = this.#parts;
    if (how === 'succeeded' || this.#lastWord) {
      this.#leave();
      return;
    }
    // RFC 4488: nothing will be told; that leg 7 is replaced shows in its BYE.
    if (how === 'unsubscribed') return;
    if (this.#nobodyLeft()) {
      this.#leave();
      return;
    }
    log.error('the customer was not taken back', { session, how, status, reason });
    if (!this.#move('refused')) return;
    if (this.#state === 'retrying') this.#give();
    else this.#parts.stuck();
  }

  #leave(): void {
    if (this.#move('leave')) this.#leg?.hangup(this.#reason);
  }

  #nobodyLeft(): boolean {
    const state = this.#parts.leg7()?.state;
    return state === undefined || state === 'ending' || state === 'ended';
  }

  #move(event: TakenLegEvent): boolean {
    const next = nextTakenLeg(this.#state, event);
    if (next !== undefined) this.#state = next;
    return next !== undefined;
  }
}

/** What an INVITE 5 would say that nobody sent: nothing. */
const NO_INVITE: IncomingInvite = {
  requestUri: '',
  requestUser: undefined,
  callId: '',
  fromUri: '',
  fromUser: undefined,
  toUri: '',
  header: () => [],
  sdp: undefined,
  source: { transport: 'udp', host: '', port: 0 },
  platforms: undefined,
};
