/**
 * What the call model needs from a SIP stack. `@sordino/sip` implements it over sip.js; the simulated platform and
 * phones of the testkit use the same interface. No method throws for what a peer did: outcomes are values and handler calls.
 */

/** A session description exactly as it goes on the wire. */
export type SdpText = string;

export interface SipDialogId {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
}

/** `Reason` header, RFC 3326. */
export interface SipReason {
  readonly protocol: 'SIP' | 'Q.850';
  readonly cause: number;
  readonly text: string;
}

/** Header lines to add, in order. The stack refuses a name or a value that would break out of its line. */
export type SipHeaders = readonly (readonly [name: string, value: string])[];

export type SipTransportName = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

export interface SipSource {
  readonly transport: SipTransportName;
  readonly host: string;
  readonly port: number;
}

/** The INVITE that made a UAS leg, read only. */
export interface IncomingInvite {
  readonly requestUri: string;
  /** User part of the Request-URI, percent-escapes untouched. */
  readonly requestUser: string | undefined;
  readonly callId: string;
  /** `addr-spec` of From, and its user part. */
  readonly fromUri: string;
  readonly fromUser: string | undefined;
  readonly toUri: string;
  /** All values of a header, long or compact name, any case; empty when absent. */
  header(name: string): readonly string[];
  readonly sdp: SdpText | undefined;
  readonly source: SipSource;
  /**
   * The platforms that this peer may be (source address, client certificate, digest): several can share an address. Undefined:
   * nobody asks who calls.
   */
  readonly platforms: readonly string[] | undefined;
}

/** offered/dialing: no final answer yet · accepted: 200 sent or received, ACK outstanding · ended: nothing more will happen. */
export type SipLegState = 'offered' | 'dialing' | 'early' | 'accepted' | 'confirmed' | 'ending' | 'ended';

export type SipLegEnd = {
  readonly by: 'peer' | 'us' | 'timeout' | 'transport';
  /** canceled: before a final answer · rejected: the final answer was 3xx-6xx · bye: in the dialog · no_ack: 2xx never acknowledged. */
  readonly how: 'canceled' | 'rejected' | 'bye' | 'no_ack' | 'no_answer' | 'lost';
  readonly status: number | undefined;
  readonly reason: string | undefined;
};

/** A re-INVITE or UPDATE with an offer, from the peer. Exactly one of the answers must be called, once; after 25 s the stack answers 500 itself. */
export interface Reoffer {
  /** UPDATE (RFC 3311) must be answered at once; without SDP it never comes here (a target or session refresh, answered by the stack). */
  readonly method: 'INVITE' | 'UPDATE';
  /** Undefined: the peer wants us to offer (the answer then comes in its ACK, to `handlers.acknowledged`). */
  readonly sdp: SdpText | undefined;
  accept(sdp: SdpText): void;
  reject(status: number, headers?: SipHeaders): void;
}

/** What a leg is to the call model, for whoever has to end it in our place. */
export interface SipLegLabel {
  /** Id of the session: its legs belong together. */
  readonly call: string;
  readonly role: 'leg5_in' | 'leg7_out';
  /** Leg 5 that we took by INVITE with Replaces: where its peer shall call, in place of our leg 7, to have the customer back. */
  readonly giveBackTo?: string;
}

export interface SipLegHandlers {
  readonly label?: SipLegLabel;
  /** UAC: 101-199. 100 is not reported. */
  progress?(status: number, sdp: SdpText | undefined): void;
  /** UAC: 200. When the INVITE carried no offer, `sdp` is an offer and `acknowledge(answer)` must follow; else the stack has sent ACK. */
  answered?(sdp: SdpText | undefined): void;
  /** UAS: the ACK of our 2xx is here; `sdp` when it carried one. Also after an accepted offerless re-INVITE. */
  acknowledged?(sdp: SdpText | undefined): void;
  /** Absent handler: 488, the session stays as it was. */
  reoffered?(reoffer: Reoffer): void;
  /** A re-INVITE of ours was refused with 491 and is tried again, within 20 s in all (RFC 3261 §14.1). */
  glared?(): void;
  /**
   * The stack refreshed the session by a re-INVITE with our last description: the peer's answer, which may name other keys (RFC 4568 §7.1.4).
   */
  reanswered?(sdp: SdpText): void;
  /** UPDATE without an offer: the session lives on. Returns the status to answer with; absent handler: 200. */
  refreshed?(): number;
  /** In-dialog REFER. Returns the status to answer with; absent handler: 603. */
  referred?(referTo: string): number;
  /** In-dialog INFO. The stack has answered 200. `body` may hold a key press: never log it. */
  info?(contentType: string, body: Uint8Array): void;
  /** Called exactly once. */
  ended(end: SipLegEnd): void;
}

export interface SipLeg {
  readonly id: string;
  readonly role: 'uas' | 'uac';
  readonly state: SipLegState;
  readonly callId: string;
  /** Our half of Session-ID (RFC 7989): 32 hexadecimal digits. */
  readonly sessionUuid: string;
  /** Known from the first message with both tags on. */
  readonly dialog: SipDialogId | undefined;
  /** UAS. */
  ring(status: 180 | 183): void;
  /** UAS: 200 with our answer, or our offer when the INVITE had none. No ACK in 64*T1: BYE, then `ended` with `no_ack`. */
  accept(sdp: SdpText, headers?: SipHeaders): void;
  /** UAS: final refusal. `ended` follows with by `us`. */
  reject(status: number, headers?: SipHeaders): void;
  /** UAC with a delayed offer: ACK carrying the answer to the offer in the 2xx. */
  acknowledge(answer: SdpText): void;
  /**
   * Re-INVITE. With `sdp`: our offer. Undefined: an offerless one; the peer's offer comes back as `sdp` and the returned
   * `acknowledge` must be called with the answer. One at a time; 491 is retried inside (RFC 3261 §14.1).
   */
  reoffer(sdp: SdpText | undefined): Promise<ReofferOutcome>;
  /** REFER inside this dialog (RFC 3515). Never throws: what cannot be sent ends with `lost` on a later turn. */
  refer(request: ReferRequest, handlers: ReferHandlers): ReferAttempt;
  /** CANCEL, BYE or a 4xx by state; a BYE waits for the ACK (RFC 3261 §15). Always ends in `ended`. Repeats are harmless. */
  hangup(reason?: SipReason, headers?: SipHeaders): void;
}

export type ReofferOutcome =
  | { readonly ok: true; readonly sdp: SdpText | undefined; acknowledge(answer: SdpText): void }
  | { readonly ok: false; readonly status: number };

export interface OutgoingInvite {
  /** `sip:user@host:port;transport=tcp` */
  readonly target: string;
  /** `addr-spec`; default: the listen point's own contact. */
  readonly from?: string;
  readonly headers?: SipHeaders;
  /** Undefined: delayed offer. */
  readonly offer: SdpText | undefined;
  /** No final answer by then: CANCEL, and `ended` with `no_answer`. */
  readonly answerTimeoutMs: number;
  /** Id of the platform that is called: whose credentials answer a 401 or 407. */
  readonly platform?: string;
  /** RFC 4028: `Session-Expires` and `Min-SE` to ask for. Absent: none is asked for; the peer's own is honoured all the same. */
  readonly sessionTimer?: { readonly expiresS: number; readonly minSeS: number };
  /** RFC 7989: our half of Session-ID, that of the leg which this one belongs to. Absent: a new one. */
  readonly sessionUuid?: string;
  /** RFC 3891: the dialog, as the peer sees it, that this call takes the place of. A peer that cannot do that refuses with 420. */
  readonly replaces?: SipDialogId;
}

/** OPTIONS outside any dialog (RFC 3261 §11): is the peer there, and what does it say it can do. */
export interface OutgoingOptions {
  readonly target: string;
  readonly timeoutMs: number;
  /** As in `OutgoingInvite`. */
  readonly platform?: string;
}

export type OptionsOutcome =
  | {
      readonly answered: true;
      readonly status: number;
      readonly roundTripMs: number;
      /** All values of a header, as in `IncomingInvite`; a list is split into its items. */
      header(name: string): readonly string[];
    }
  /** `timeout`: nothing came · `transport`: it could not be sent, `reason` says why. */
  | { readonly answered: false; readonly why: 'timeout' | 'transport'; readonly reason: string };

/** Asks the peer to send an INVITE (RFC 3515). */
export interface ReferRequest {
  /** Where that INVITE shall go: a `sip:` URI without headers. */
  readonly referTo: string;
  /** RFC 3891: the dialog, as the receiver of that INVITE sees it, that it shall take the place of. */
  readonly replaces?: SipDialogId;
  readonly headers?: SipHeaders;
  /** So long without an answer, and so long after it without a NOTIFY, and the attempt has come to nothing. */
  readonly notifyTimeoutMs: number;
}

/** REFER outside a dialog. */
export interface OutgoingRefer extends ReferRequest {
  /** `sip:user@host:port;transport=tcp` */
  readonly target: string;
  /** `addr-spec`; default: the listen point's own contact. */
  readonly from?: string;
  /** RFC 4538: the dialog, as the receiver sees it, that the REFER is about. */
  readonly targetDialog?: SipDialogId;
  /** Id of the platform that is asked: whose credentials answer a 401 or 407. */
  readonly platform?: string;
}

/** What became of the INVITE that we asked for. */
export interface ReferOutcome {
  /**
   * succeeded, failed: the final status of that INVITE, by NOTIFY · refused: the REFER itself was · no_answer: to the REFER ·
   * no_notify: accepted, and then nothing · unsubscribed: accepted with `Refer-Sub: false` (RFC 4488), nothing more will be told ·
   * terminated: the peer stopped telling before the end · lost: it could not be sent, or its dialog is gone.
   */
  readonly how:
    | 'succeeded'
    | 'failed'
    | 'refused'
    | 'no_answer'
    | 'no_notify'
    | 'unsubscribed'
    | 'terminated'
    | 'lost';
  readonly status: number | undefined;
  readonly reason: string | undefined;
}

export interface ReferHandlers {
  /** The REFER has its 2xx. NOTIFYs may be here before it. */
  accepted?(status: number): void;
  /** NOTIFY: the INVITE that the peer sent got this provisional answer. */
  progress?(status: number, reason: string): void;
  /** Called once, unless we gave up first. The NOTIFY that told it has its 200. */
  ended(outcome: ReferOutcome): void;
}

export interface ReferAttempt {
  readonly callId: string;
  /** We do not want to know any more. A REFER cannot be taken back: the INVITE may come all the same. */
  giveUp(): void;
}

export interface SipCalls {
  /** Never throws: an unusable target ends the leg with `transport`/`lost` on a later turn. */
  invite(call: OutgoingInvite, handlers: SipLegHandlers): SipLeg;
  /** Never rejects. */
  options(request: OutgoingOptions): Promise<OptionsOutcome>;
  /** Never throws: what cannot be sent ends with `lost` on a later turn. */
  refer(request: OutgoingRefer, handlers: ReferHandlers): ReferAttempt;
}

/** Called for each new INVITE outside a dialog, after 100 has gone out. Returns the handlers of the new leg. */
export type IncomingCallHandler = (leg: SipLeg, invite: IncomingInvite) => SipLegHandlers;
