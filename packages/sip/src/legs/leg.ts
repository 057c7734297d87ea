import type { Cancel } from '@sordino/core';
import type {
  ReferAttempt,
  ReferHandlers,
  ReferRequest,
  ReofferOutcome,
  SdpText,
  SipDialogId,
  SipHeaders,
  SipLeg,
  SipLegEnd,
  SipLegHandlers,
  SipLegState,
  SipReason,
} from '@sordino/interception';
import type {
  IncomingRequestMessage,
  IncomingResponse,
  ReInviteUserAgentServer,
  SessionDialog,
  UserAgentServer,
} from 'sip.js/lib/core/index.js';
import type { DialogDelegate } from '../core/dialog-requests.ts';
import { EdgeRequest, EdgeResponse } from '../core/edge-message.ts';
import { closingLines } from '../core/header-lines.ts';
import { SessionIdentity } from '../core/session-identity.ts';
import { makeTag } from '../core/tokens.ts';
import type { StoredLeg } from '../farewell/stored-leg.ts';
import { cannotRefer, sendReferInDialog } from '../refer/send-refer.ts';
import { answerInfo } from './incoming-info.ts';
import type { LegContext } from './leg-context.ts';
import { LegOffers, type LegOffersSide } from './leg-offers.ts';
import { type LegSeed, storedLeg } from './leg-seed.ts';
import { afterLegEvent, type LegEvent } from './leg-state.ts';
import { answerRefer } from './refer.ts';
import type { SessionRefresh } from './session-refresh.ts';

/** One leg: its state, its dialog once there is one, and the guards that sip.js lacks. Nothing here throws at a peer. */
export abstract class Leg implements SipLeg {
  abstract readonly role: 'uas' | 'uac';
  abstract readonly callId: string;
  readonly id = makeTag();
  protected readonly context: LegContext;
  protected sessionDialog: SessionDialog | undefined;
  /** UAS: our 2xx waits for its ACK, and a BYE for both (RFC 3261 §15). */
  protected ackOutstanding = false;
  #state: SipLegState;
  #inviteState: StoredLeg['state'] = 'unanswered';
  #handlers: SipLegHandlers | undefined;
  #end: SipLegEnd | undefined;
  /** The BYE that waits for the ACK. */
  #queuedBye: { readonly lines: string[]; readonly end: SipLegEnd } | undefined;
  readonly #offers: LegOffers;
  readonly #guards = new Set<Cancel>();
  readonly #identity: SessionIdentity;

  constructor(context: LegContext, state: 'offered' | 'dialing', sessionUuid: string) {
    this.context = context;
    this.#identity = new SessionIdentity(sessionUuid);
    this.#state = state;
    this.#offers = new LegOffers(context, this.#offersSide());
  }

  get state(): SipLegState {
    return this.#state;
  }

  protected get session(): SessionRefresh {
    return this.#offers.session;
  }

  get sessionUuid(): string {
    return this.#identity.own;
  }

  get dialog(): SipDialogId | undefined {
    const dialog = this.sessionDialog;
    return dialog && { callId: dialog.callId, localTag: dialog.localTag, remoteTag: dialog.remoteTag };
  }

  abstract ring(status: 180 | 183): void;
  abstract accept(sdp: SdpText, headers?: SipHeaders): void;
  abstract reject(status: number, headers?: SipHeaders): void;
  abstract acknowledge(answer: SdpText): void;
  /** CANCEL or a refusal, whatever a leg without a final answer takes. */
  protected abstract closeUnanswered(lines: string[], reason: SipReason | undefined): void;
  /** UAC: the 2xx has an offer that was never answered, and must be acknowledged before the BYE. */
  protected abstract acknowledgeForBye(): void;

  reoffer(sdp: SdpText | undefined): Promise<ReofferOutcome> {
    return this.#offers.send(sdp);
  }

  refer(request: ReferRequest, handlers: ReferHandlers): ReferAttempt {
    const dialog = this.sessionDialog;
    if (dialog === undefined || this.#state !== 'confirmed')
      return cannotRefer(handlers, 'the leg is not up');
    return sendReferInDialog(this.context, dialog, request, handlers);
  }

  hangup(reason?: SipReason, headers?: SipHeaders): void {
    const lines = closingLines(reason, headers);
    if (this.#state === 'offered' || this.#state === 'dialing' || this.#state === 'early') {
      this.closeUnanswered(lines, reason);
    } else {
      this.close(lines, { by: 'us', how: 'bye', status: undefined, reason: reason?.text });
    }
  }

  /** What the INVITE says of this leg; undefined: it was not sent yet. */
  protected abstract readonly seed: LegSeed | undefined;

  /** As it would be left behind now. */
  get stored(): StoredLeg | undefined {
    const { seed } = this;
    return (
      seed &&
      storedLeg(seed, this.#inviteState, this.#handlers?.label, this.context.point, this.sessionDialog)
    );
  }

  /** Handlers come after the constructor: those of a UAS leg are returned by the application's callback. */
  attach(handlers: SipLegHandlers): void {
    this.#handlers = handlers;
    this.context.book?.changed(this);
    if (this.#end !== undefined) this.#reportEnd(this.#end);
  }

  /** RFC 5407 §3.1.6: the peer's BYE crossed ours. Its transaction is answered by the caller. */
  byeCrossed(): void {
    this.finish({ by: 'us', how: 'bye', status: undefined, reason: undefined });
  }

  /** The endpoint closes: no more waiting. */
  abandon(): void {
    this.finish({ by: 'us', how: 'lost', status: undefined, reason: 'endpoint closed' });
  }

  /** From here on each message of the leg has its Session-ID. */
  protected identify(heard?: string): void {
    this.#identity.learn(heard);
    this.context.core.identities.set(this.callId, this.#identity);
  }

  protected move(event: LegEvent): boolean {
    const next = afterLegEvent(this.#state, event);
    if (next === undefined) return false;
    this.#state = next;
    if (next === 'accepted' || next === 'confirmed') {
      this.#inviteState = next;
      this.context.book?.changed(this);
    }
    return true;
  }

  /** Calls the application; what it throws is its own fault and must not reach sip.js, which would be left half way. */
  protected tell<Name extends Exclude<keyof SipLegHandlers, 'ended' | 'label'>>(
    name: Name,
    ...args: Parameters<NonNullable<SipLegHandlers[Name]>>
  ): void {
    this.#guarded(name, () =>
      (this.#handlers?.[name] as ((...all: unknown[]) => void) | undefined)?.(...args),
    );
  }

  /** Runs what sip.js might refuse in a state we did not foresee: then the leg is lost, never stuck. */
  protected attempt(what: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#failed(what, error);
      this.finish({ by: 'transport', how: 'lost', status: undefined, reason: what });
    }
  }

  /** Runs once after `delayMs` unless the leg ends before. */
  protected guard(delayMs: number, run: () => void): Cancel {
    const cancel = this.context.scheduler.after(delayMs, () => {
      this.#guards.delete(cancel);
      run();
    });
    this.#guards.add(cancel);
    return () => {
      this.#guards.delete(cancel);
      cancel();
    };
  }

  /** Takes a dialog that is more than early as its own. */
  protected adopt(dialog: SessionDialog): void {
    this.sessionDialog = dialog;
    dialog.delegate = this.#delegate();
    this.guard(this.context.timing.callMs, () => {
      this.context.log.warn('leg ended at the longest call duration', { leg: this.id });
      this.#lose({ by: 'timeout', how: 'bye', status: undefined, reason: 'longest call duration' });
    });
  }

  /** BYE now, or when the ACK is here. */
  protected close(lines: string[], end: SipLegEnd): void {
    if (this.#state === 'ended' || this.#queuedBye !== undefined) return;
    if (this.#state === 'ending') return;
    const wasAccepted = this.#state === 'accepted';
    if (!this.move('closing')) return;
    if (this.ackOutstanding) {
      this.#queuedBye = { lines, end };
      return;
    }
    if (wasAccepted) this.acknowledgeForBye();
    this.sendBye(lines, end);
  }

  protected sendBye(lines: string[], end: SipLegEnd): void {
    const dialog = this.sessionDialog;
    if (dialog === undefined) {
      this.finish(end);
      return;
    }
    this.#offers.legEnded();
    this.context.mortal.set(dialog.id, this);
    this.guard(this.context.timing.byeAnswerMs, () => this.finish(end));
    const done = ({ message }: IncomingResponse): void =>
      // What a leg was lost by says more than the answer to its BYE.
      this.finish({
        ...end,
        status: end.status ?? (message instanceof EdgeResponse ? message.statusCode : undefined),
      });
    this.attempt('BYE', () => {
      dialog.bye({ onAccept: done, onRedirect: done, onReject: done }, { extraHeaders: lines });
    });
  }

  /** Over: told once, on a later turn, so that no handler runs inside a call of the application. */
  protected finish(end: SipLegEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.move('over');
    for (const cancel of this.#guards) cancel();
    this.#guards.clear();
    this.#offers.legEnded();
    if (this.sessionDialog !== undefined) {
      this.context.mortal.delete(this.sessionDialog.id);
      this.sessionDialog.delegate = undefined;
    }
    const { identities } = this.context.core;
    if (identities.get(this.callId) === this.#identity) identities.delete(this.callId);
    this.context.book?.over(this);
    this.context.onOver(this, end);
    if (this.#handlers !== undefined) this.#reportEnd(end);
  }

  get #queuedEnd(): SipLegEnd | undefined {
    return this.#queuedBye?.end;
  }

  /** We give it up: BYE with the reason in it. */
  #lose(end: SipLegEnd): void {
    const text = end.reason ?? end.how;
    this.close(closingLines({ protocol: 'SIP', cause: end.status ?? 408, text }), end);
  }

  #delegate(): DialogDelegate {
    return {
      onAck: ({ message }) => this.#onAck(message),
      onAckTimeout: () => this.#onAckTimeout(),
      onBye: (request) => {
        request.accept();
        this.finish({ by: 'peer', how: 'bye', status: undefined, reason: reasonOf(request.message) });
      },
      onInfo: (request) =>
        answerInfo(request, (type, body) => {
          if (this.#handlers?.info === undefined) body.fill(0);
          else this.tell('info', type, body);
        }),
      onInvite: (request) => this.#offers.onReinvite(request as ReInviteUserAgentServer),
      onUpdateRequest: (server, request) => this.#offers.onUpdate(server, request),
      onPrackRequest: (server, request) => this.onPrack(server, request),
      onRefer: (request) =>
        answerRefer(request, (referTo) =>
          this.#ask('referred', 603, () => this.#handlers?.referred?.(referTo)),
        ),
    };
  }

  /** UAS: of a reliable provisional response of ours. RFC 3262 §3: what matches none is 481. */
  protected onPrack(server: UserAgentServer, _request: EdgeRequest): void {
    server.reject({ statusCode: 481 });
  }

  #onAck(message: IncomingRequestMessage): void {
    const sdp = message instanceof EdgeRequest ? message.sdp : undefined;
    if (!this.ackOutstanding) {
      if (this.#offers.awaitsAnswerInAck && this.#state === 'confirmed') this.tell('acknowledged', sdp);
      return;
    }
    this.ackOutstanding = false;
    this.move('acknowledged');
    const bye = this.#queuedBye;
    if (bye !== undefined) this.sendBye(bye.lines, bye.end);
    else this.tell('acknowledged', sdp);
  }

  /** RFC 3261 §13.3.1.4: no ACK in 64*T1: the dialog is confirmed all the same, and the session is ended by BYE. */
  #onAckTimeout(): void {
    if (this.#end !== undefined) return;
    this.ackOutstanding = false;
    this.move('closing');
    const end = this.#queuedEnd ?? { by: 'timeout', how: 'no_ack', status: undefined, reason: undefined };
    const lines = closingLines({ protocol: 'SIP', cause: 408, text: 'no ACK' });
    this.sendBye(this.#queuedBye?.lines ?? lines, end);
  }

  #offersSide(): LegOffersSide {
    const leg = this;
    return {
      get role() {
        return leg.role;
      },
      get state() {
        return leg.#state;
      },
      get dialog() {
        return leg.sessionDialog;
      },
      get listens() {
        return leg.#handlers?.reoffered !== undefined;
      },
      reoffered: (reoffer) => this.tell('reoffered', reoffer),
      refreshed: () => this.#ask('refreshed', 200, () => this.#handlers?.refreshed?.()),
      reanswered: (sdp) => this.tell('reanswered', sdp),
      glared: () => this.tell('glared'),
      lost: (end) => this.#lose(end),
    };
  }

  #reportEnd(end: SipLegEnd): void {
    queueMicrotask(() => {
      const handlers = this.#handlers;
      // sip.js keeps the transactions of a leg for 32 s more: the call behind it is not to wait with them.
      this.#handlers = undefined;
      this.#guarded('ended', () => handlers?.ended(end));
    });
  }

  /** What the application answers with; `otherwise` where it does not care, or fails. */
  #ask(what: string, otherwise: number, run: () => number | undefined): number {
    let status = otherwise;
    this.#guarded(what, () => {
      status = run() ?? otherwise;
    });
    return status;
  }

  #guarded(what: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#failed(`handler ${what}`, error);
    }
  }

  #failed(what: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.context.log.error('leg: an unexpected error', { leg: this.id, what, error: message });
  }
}

/** `Reason` of a BYE or CANCEL (RFC 3326), as written. */
export const reasonOf = (message: IncomingRequestMessage): string | undefined =>
  message instanceof EdgeRequest ? message.value('Reason') : undefined;
