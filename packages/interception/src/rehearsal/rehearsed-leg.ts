import { overriding } from '@sordino/core';
import { LEG7_CLOSE_TIMEOUT_MS } from '../limits.ts';
import type { SdpText, SipLeg, SipLegEnd, SipLegHandlers } from '../ports/sip-calls.ts';
import type { Script } from './script.ts';

const REASON = { protocol: 'SIP', cause: 200, text: 'rehearsal' } as const;

/** Instead of the 64*T1 of RFC 3261 §13.3.1.4: before the customer's first media is overdue as well. */
const ACK_LOST_MS = 3_000;
/** A hold that is part of a rehearsal lasts so long: more than the 2 s after which silence is a stall. */
const HOLD_MS = 3_000;

type PretendedEnd = Pick<SipLegEnd, 'by' | 'how'> & { readonly status?: number };

/** A leg between the stack and the engagement, whose peer can be made to seem to do something. */
export class RehearsedLeg {
  readonly #script: Script;
  readonly #which: 'leg5' | 'leg7';
  #inner: SipLeg | undefined;
  #handlers: SipLegHandlers | undefined;
  /** As the peer described itself last. */
  #peerSdp: SdpText | undefined;
  #over = false;

  constructor(script: Script, which: 'leg5' | 'leg7') {
    this.#script = script;
    this.#which = which;
  }

  /** What the engagement holds. */
  wrap(inner: SipLeg, peerSdp?: SdpText): SipLeg {
    this.#inner = inner;
    this.#peerSdp = peerSdp;
    if (this.#which === 'leg7') return inner;
    return overriding(inner, {
      hangup: (reason, headers) => {
        if (!this.#script.takes('not_taken_back')) inner.hangup(reason, headers);
        else this.#script.onceOverdue(() => inner.hangup(reason, headers));
      },
      reoffer: (sdp) =>
        this.#script.takes('relay_move_refused')
          ? Promise.resolve({ ok: false, status: 488 })
          : inner.reoffer(sdp),
    });
  }

  /** What the stack calls. */
  listen(handlers: SipLegHandlers): SipLegHandlers {
    this.#handlers = handlers;
    return {
      ...handlers,
      acknowledged: (sdp) => {
        this.#peerSdp = sdp ?? this.#peerSdp;
        if (this.#which === 'leg7' || !this.#script.takes('ack_lost')) handlers.acknowledged?.(sdp);
        else this.#script.after(ACK_LOST_MS, () => this.end({ by: 'timeout', how: 'no_ack' }));
      },
      reoffered: (reoffer) => {
        if (this.#script.takes('glare')) {
          reoffer.reject(491);
          handlers.glared?.();
          return;
        }
        this.#peerSdp = reoffer.sdp ?? this.#peerSdp;
        handlers.reoffered?.(reoffer);
      },
      ended: (end) => {
        if (this.#over) return;
        this.#over = true;
        handlers.ended(end);
      },
    };
  }

  /** The leg is closed, and the engagement is told that it ended like this. */
  end(end: PretendedEnd): void {
    if (this.#inner?.state === 'offered') this.#inner.reject(487);
    else this.#inner?.hangup(REASON);
    this.#tellEnd(end);
  }

  /** The engagement is told so, and only then the platform closes the leg itself; or we do, when it has had time for that. */
  endFirst(end: PretendedEnd): void {
    this.#script.after(LEG7_CLOSE_TIMEOUT_MS, () => this.#inner?.hangup(REASON));
    this.#tellEnd(end);
  }

  /** A hold button and, later, the same button again. */
  hold(): void {
    const sdp = this.#peerSdp;
    if (sdp === undefined) return;
    this.#reoffered(`${sdp.replace(/^a=(sendrecv|sendonly|recvonly|inactive)\r\n/gm, '')}a=inactive\r\n`);
    this.#script.after(HOLD_MS, () => this.#reoffered(this.#peerSdp ?? sdp));
  }

  refer(): void {
    this.#handlers?.referred?.('sip:rehearsal@invalid');
  }

  #tellEnd(end: PretendedEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#handlers?.ended({ status: undefined, reason: undefined, ...end });
  }

  #reoffered(sdp: SdpText): void {
    if (this.#over) return;
    this.#handlers?.reoffered?.({ method: 'INVITE', sdp, accept: () => {}, reject: () => {} });
  }
}
