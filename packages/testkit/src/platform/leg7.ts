import type { IncomingInvite, SipLeg, SipLegEnd, SipLegHandlers } from '@sordino/interception';
import type { SpokenCodec } from '../audio/codec.ts';
import type { PlatformBehaviour } from './divert-request.ts';
import type { MediaAnchor } from './media-anchor.ts';
import { commonCodec, mirrored, readSdp, SdpWriter } from './sdp.ts';

export interface Leg7Events {
  /** Sordino's INVITE is here. */
  inviting(): void;
  /** Our 200 is out: the agent's audio flows into leg 7. */
  accepted(): void;
  confirmed(): void;
  ended(end: SipLegEnd): void;
}

/** Sordino's INVITE back to us, and the clean media it brings. */
export class Leg7 {
  readonly #behaviour: PlatformBehaviour;
  readonly #anchor: MediaAnchor;
  readonly #codec: SpokenCodec;
  readonly #writer: SdpWriter;
  readonly #events: Leg7Events;
  #leg: SipLeg | undefined;
  #offer: string | undefined;
  #leg5Answered = false;
  #delayOver = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: {
    readonly behaviour: PlatformBehaviour;
    readonly anchor: MediaAnchor;
    /** What the agent speaks: an anchor does not transcode. */
    readonly codec: SpokenCodec;
    readonly sessionId: number;
    readonly events: Leg7Events;
  }) {
    this.#behaviour = parts.behaviour;
    this.#anchor = parts.anchor;
    this.#codec = parts.codec;
    this.#writer = new SdpWriter(parts.sessionId);
    this.#events = parts.events;
  }

  /** Undefined until Sordino has invited us. */
  get leg(): SipLeg | undefined {
    return this.#leg;
  }

  /** As Sordino sent it; rule 3 forbids telephone-event in it. */
  get offer(): string | undefined {
    return this.#offer;
  }

  /** The INVITE with our correlation header. A second one is refused: leg 7 exists once. */
  take(leg: SipLeg, invite: IncomingInvite): SipLegHandlers {
    if (this.#leg) return refused(leg, 482);
    this.#leg = leg;
    this.#offer = invite.sdp;
    this.#events.inviting();
    // The endpoint must have our handlers before we act on the leg.
    queueMicrotask(() => this.#answer(leg, invite.sdp));
    return {
      acknowledged: (sdp) => {
        if (sdp !== undefined) this.#setPeer(sdp);
        this.#events.confirmed();
      },
      reoffered: (reoffer) => {
        const audio = reoffer.sdp === undefined ? undefined : readSdp(reoffer.sdp);
        const { refusesReoffer } = this.#behaviour;
        const refusal = refusesReoffer?.leg === 'leg7' ? refusesReoffer.status : 488;
        if (refusesReoffer?.leg === 'leg7' || (audio && 'problem' in audio)) {
          reoffer.reject(refusal);
          return;
        }
        if (audio) this.#anchor.setPeer(audio);
        if (this.#behaviour.renewsLeg7Key) this.#anchor.renewKey();
        reoffer.accept(this.ownSdp(mirrored(audio?.direction ?? 'sendrecv')));
      },
      refreshed: () => this.#behaviour.refreshStatus?.leg7 ?? 200,
      ended: (end) => {
        clearTimeout(this.#timer);
        this.#events.ended(end);
      },
    };
  }

  /** Leg 5 has its 200: what waited for that can go on. */
  leg5Answered(): void {
    this.#leg5Answered = true;
    this.#acceptIfDue();
  }

  ownSdp(direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive' = 'sendrecv'): string {
    return this.#writer.write(this.#anchor.describe(this.#codec, undefined, direction));
  }

  #answer(leg: SipLeg, offer: string | undefined): void {
    const { refusesLeg7, ignoresLeg7, ringsLeg7, leg7AnswerDelayMs = 0 } = this.#behaviour;
    const audio = offer === undefined ? undefined : readSdp(offer);
    const unusable = audio && ('problem' in audio || !commonCodec([this.#codec], audio.codecs));
    const refusal = refusesLeg7 ?? (unusable ? 488 : undefined);
    if (refusal !== undefined) {
      leg.reject(refusal);
      return;
    }
    if (ringsLeg7) leg.ring(180);
    if (ignoresLeg7) return;
    if (leg7AnswerDelayMs === 0) {
      this.#delayOver = true;
      this.#acceptIfDue();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#delayOver = true;
      this.#acceptIfDue();
    }, leg7AnswerDelayMs);
  }

  #acceptIfDue(): void {
    const leg = this.#leg;
    const { takesLeg7BeforeAnswer = true } = this.#behaviour;
    const waitsForLeg5 = !takesLeg7BeforeAnswer && !this.#leg5Answered;
    const open = leg?.state === 'offered' || leg?.state === 'early';
    if (!leg || !open || !this.#delayOver || waitsForLeg5) return;
    // First the peer: an answer with SRTP names the line of the offer that it takes.
    if (this.#offer !== undefined) this.#setPeer(this.#offer);
    leg.accept(this.ownSdp());
    this.#events.accepted();
  }

  #setPeer(sdp: string): void {
    const audio = readSdp(sdp);
    if (!('problem' in audio)) this.#anchor.setPeer(audio);
  }
}

/** Refuses an INVITE, once the endpoint has the handlers of its leg. */
export function refused(leg: SipLeg, status: number): SipLegHandlers {
  queueMicrotask(() => leg.reject(status));
  return { ended: () => undefined };
}
