import type { SipHeaders } from '@sordino/interception';
import type { DtlsForgery } from '../rtp/dtls-media.ts';
import type { SimTransport } from './sim-sip.ts';

/** How Sordino finds the session that the INVITE on leg 5 is for. */
export type RendezvousMatch = 'request_uri' | 'e164' | 'header' | 'uui' | 'dialog' | 'ani';

/** `rendezvous` of the session API, as the agent's app hands it to the platform. */
export interface Rendezvous {
  readonly sip_uri: string;
  readonly user_to_user?: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly e164?: string | null;
}

/** Whose session description leg 5 begins with: design section 5, shapes a-1, a-2 and a-3. */
export type Leg5Offer = 'none' | 'customer' | 'platform';

export interface DivertRequest {
  readonly sordino: Rendezvous;
  readonly offer: Leg5Offer;
  /** Default `request_uri`. */
  readonly match?: RendezvousMatch;
  /** Default: what the rendezvous says. */
  readonly transport?: SimTransport;
  /** Goes out as `X-Sim-Call` on leg 5 and must come back on leg 7. One per diversion. */
  readonly correlation: string;
  readonly behaviour?: PlatformBehaviour;
}

/** What this platform does differently, good or bad, in one diversion. Everything is off by default. */
export interface PlatformBehaviour {
  /** False: leg 7 is answered only after leg 5 was (for profiles with `commit: at_once`). Default true. */
  readonly takesLeg7BeforeAnswer?: boolean;
  /** Leg 7 rings first. */
  readonly ringsLeg7?: boolean;
  /** 200 on leg 7 comes so much later. */
  readonly leg7AnswerDelayMs?: number;
  /**
   * a-2. `ask` (default): offerless re-INVITE to the customer, acknowledged with our own address, then a second re-INVITE with
   * Sordino's answer. `ask_and_hold`: the ACK to the customer waits for Sordino's answer (why a-2 must be answered within
   * 500 ms). `last`: the description the customer sent last.
   */
  readonly customerSdp?: 'ask' | 'ask_and_hold' | 'last';
  /** a-3: the re-INVITE that swaps in the customer's address comes twice within 25 ms, as seen in the wild. */
  readonly swapsTwice?: boolean;
  /** a-3: never swaps; the customer's media keeps running through us to leg 5. */
  readonly proxiesCustomer?: boolean;
  /** When we release leg 5: a re-INVITE back to our own address 10 ms before BYE, as seen in the wild. */
  readonly swapsBackBeforeBye?: boolean;
  /** More headers on the INVITE of leg 5. */
  readonly leg5Headers?: SipHeaders;

  /** Session timer that leg 5 asks for (RFC 4028); the platform then refreshes it. */
  readonly leg5SessionTimer?: { readonly expiresS: number; readonly minSeS: number };
  /** Answer to a session refresh (UPDATE) on that leg, instead of 200. */
  readonly refreshStatus?: { readonly leg5?: number; readonly leg7?: number };
  /** Each answer to a re-INVITE on leg 7 has another key of the platform's. Only with SDES. */
  readonly renewsLeg7Key?: boolean;
  /** Final answer on leg 7 instead of 200. */
  readonly refusesLeg7?: number;
  /** Who shakes hands on leg 7 is not the one of its SDP. Only with DTLS-SRTP. */
  readonly forgesLeg7?: DtlsForgery;
  /** Leg 7 never gets a final answer. */
  readonly ignoresLeg7?: boolean;
  /** When Sordino ends leg 7, leg 5 is left for Sordino to release. Default: we release it at once, and the BYEs race. */
  readonly leavesLeg5ToSordino?: boolean;
  readonly cancelsLeg5AfterMs?: number;
  /** The ACK of leg 5 never goes out. Shape a-1 only: elsewhere the stack acknowledges by itself. */
  readonly neverAcksLeg5?: boolean;
  /** Leg 5 is answered and acknowledged, but the customer is never told: no media comes to Sordino. */
  readonly neverMovesCustomer?: boolean;
  /** Final answer to a re-INVITE of Sordino on that leg. */
  readonly refusesReoffer?: { readonly leg: 'leg5' | 'leg7'; readonly status: number };
  /** Leg 5 is released and nothing happens. */
  readonly neverTakesCustomerBack?: boolean;
  /** The customer is taken back, and leg 7 is left up. */
  readonly neverEndsLeg7?: boolean;
  /** No RTP on leg 7 for so long while engaged: we release leg 5. Default: never noticed. */
  readonly rtpTimeoutMs?: number;
  /** A second INVITE with the same token leaves together with the first. */
  readonly invitesTwice?: boolean;
}

/** How a diversion began: engaged, or refused with the original call untouched. */
export type DivertOutcome =
  | { readonly engaged: true; readonly cycle: number; readonly at_ms: number }
  | {
      readonly engaged: false;
      readonly cycle: number;
      /** SIP status of the refusal; undefined where none came (we canceled, timeout, transport). */
      readonly status: number | undefined;
      readonly reason: string;
    };

/** How a diversion ended. */
export interface DiversionEnd {
  readonly cycle: number;
  /** refused: never engaged · restored: customer and agent talk directly again · call_ended: somebody hung up. */
  readonly how: 'refused' | 'restored' | 'call_ended';
  readonly at_ms: number;
}
