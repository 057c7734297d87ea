import type { IncomingInvite, Reoffer, SipLeg, SipLegEnd, SipLegHandlers } from '@sordino/interception';
import { CODECS, type SpokenCodec } from '../audio/codec.ts';
import type { AudioSource } from '../audio/source.ts';
import { Deferred } from '../platform/deferred.ts';
import { hostPort, type OpenSimSip, type SimSip, type SimTransport, uriOf } from '../platform/sim-sip.ts';
import type { KeyTransport } from '../rtp/keypad.ts';
import { RtpPhone } from '../rtp/rtp-phone.ts';
import type { Security } from '../rtp/secure-media.ts';
import { PhoneMedia } from './phone-media.ts';
import { type PhoneReport, phoneReport, type ReportedKey } from './phone-report.ts';

/** How long a called party may ring before the caller gives up. */
const ANSWER_TIMEOUT_MS = 30_000;
/** Keys that a phone remembers: many cards, and an end. */
export const KEYS_REMEMBERED_MAX = 10_000;
/** A person at ease: 100 ms down, 120 ms up. */
const KEY_DOWN_MS = 100;
const BETWEEN_KEYS_MS = 120;

export interface PhoneOptions {
  /** Shown in reports and User-Agent. */
  readonly name: string;
  /** User part of our own URI: the caller's number. */
  readonly number: string;
  readonly host: string;
  readonly openSip: OpenSimSip;
  readonly talker: AudioSource;
  /** Best first; default PCMU, PCMA. */
  readonly codecs?: readonly SpokenCodec[];
  /** `null`: a phone without telephone-event, whose keys can only go in-band. Default: what goes with the codec. */
  readonly eventPayloadType?: number | null;
  readonly answers?: PhoneAnswers;
  /** SRTP, and nothing else. */
  readonly srtp?: Security | undefined;
}

/** How the phone answers a call, and re-INVITEs in it. */
export interface PhoneAnswers {
  /** Rings so long, then answers. Default 0. */
  readonly afterMs?: number;
  /** Final refusal instead of 200. */
  readonly refuses?: number;
  /** Final refusal of every re-INVITE. */
  readonly refusesReoffers?: number;
}

export interface PressKeys {
  readonly how: KeyTransport;
  readonly durationMs?: number;
  readonly betweenKeysMs?: number;
}

/** The outcome of a call we placed. */
export type CallOutcome =
  | { readonly answered: true }
  | { readonly answered: false; readonly status: number | undefined; readonly how: SipLegEnd['how'] };

/** A phone of the outside world: SIP and RTP, one call at a time, talks by itself as soon as a call is up. */
export class SimulatedPhone {
  readonly rtp: RtpPhone;
  readonly #options: PhoneOptions;
  readonly #sip: SimSip;
  readonly #media: PhoneMedia;
  readonly #keys: ReportedKey[] = [];
  #leg: SipLeg | undefined;
  #ended = new Deferred<SipLegEnd>();
  #established = new Deferred<void>();

  private constructor(options: PhoneOptions, sip: SimSip, rtp: RtpPhone) {
    const { codecs = ['PCMU', 'PCMA'] } = options;
    const { eventPayloadType = CODECS[codecs[0] ?? 'PCMU'].eventPayloadType } = options;
    this.#options = options;
    this.#sip = sip;
    this.rtp = rtp;
    this.#media = new PhoneMedia({
      rtp,
      codecs,
      eventPayloadType: eventPayloadType ?? undefined,
      sdpSessionId: rtp.ssrc,
    });
  }

  static async open(options: PhoneOptions): Promise<SimulatedPhone> {
    const holder: { phone?: SimulatedPhone } = {};
    const [codec = 'PCMU'] = options.codecs ?? [];
    const { host, talker, srtp } = options;
    const rtp = await RtpPhone.open({ host, codec, talker, srtp });
    try {
      const sip = await options.openSip((leg, invite) => {
        if (!holder.phone) throw new Error('the phone is not ready yet');
        return holder.phone.#invited(leg, invite);
      });
      holder.phone = new SimulatedPhone(options, sip, rtp);
      return holder.phone;
    } catch (error) {
      rtp.close();
      throw error;
    }
  }

  /** Where this phone is called. */
  uri(transport: SimTransport = 'udp'): string {
    return uriOf(this.#options.number, this.#sip.local(transport), transport);
  }

  get inCall(): boolean {
    return this.#leg?.state === 'confirmed';
  }

  /** Ends with the call that is up, or with the next one. */
  get ended(): Promise<SipLegEnd> {
    return this.#ended.promise;
  }

  /** A call is up: placed and answered, or taken and acknowledged. */
  get established(): Promise<void> {
    return this.#established.promise;
  }

  /** Places a call; media runs when it is answered. */
  async call(target: string): Promise<CallOutcome> {
    this.#requireFree();
    const outcome = new Deferred<CallOutcome>();
    const { host, port } = this.#sip.local('udp');
    this.#leg = this.#sip.invite(
      {
        target,
        from: `sip:${this.#options.number}@${hostPort({ host, port })}`,
        offer: this.#media.offer(),
        answerTimeoutMs: ANSWER_TIMEOUT_MS,
      },
      {
        ...this.#inCallHandlers((end) =>
          outcome.resolve({ answered: false, status: end.status, how: end.how }),
        ),
        answered: (sdp) => {
          if (sdp !== undefined && this.#media.readAnswer(sdp)) {
            this.#up();
            outcome.resolve({ answered: true });
          } else this.#leg?.hangup({ protocol: 'SIP', cause: 488, text: 'Not acceptable here' });
        },
      },
    );
    return await outcome.promise;
  }

  /** Presses keys one after another; resolves when the last is up again. */
  async press(
    keys: string,
    { how, durationMs = KEY_DOWN_MS, betweenKeysMs = BETWEEN_KEYS_MS }: PressKeys,
  ): Promise<void> {
    for (const key of keys) {
      const pressed = await this.rtp.press(key, { how, durationMs, gapMs: betweenKeysMs });
      if (this.#keys.length < KEYS_REMEMBERED_MAX) this.#keys.push({ ...pressed, how });
    }
  }

  /** Re-INVITE: the other side hears nothing of us, and we want nothing. The final status. */
  async hold(): Promise<number> {
    return await this.#reoffer('inactive');
  }

  async resume(): Promise<number> {
    return await this.#reoffer('sendrecv');
  }

  /** The phone's media dies while its signalling lives on; `unmute` revives it. */
  mute(): void {
    this.rtp.stopTalking();
  }

  unmute(): void {
    this.rtp.startTalking();
  }

  /** BYE, or CANCEL while it rings. Resolves when the call is over. */
  async hangUp(): Promise<void> {
    if (!this.#leg || this.#leg.state === 'ended') return;
    const ended = this.ended;
    this.#leg.hangup();
    await ended;
  }

  report(): PhoneReport {
    return phoneReport({
      name: this.#options.name,
      codec: this.#media.codec ?? null,
      rtp: this.rtp,
      keys: this.#keys,
      sip: this.#sip.trace,
    });
  }

  async close(): Promise<void> {
    this.rtp.close();
    await this.#sip.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #requireFree(): void {
    if (!this.#leg || this.#leg.state === 'ended') return;
    throw new Error(`${this.#options.name} is in a call already: hang up first`);
  }

  #invited(leg: SipLeg, invite: IncomingInvite): SipLegHandlers {
    const busy = this.#leg !== undefined && this.#leg.state !== 'ended';
    const { afterMs = 0, refuses } = this.#options.answers ?? {};
    const refusal = busy ? 486 : refuses;
    if (refusal !== undefined) {
      queueMicrotask(() => leg.reject(refusal));
      return { ended: () => undefined };
    }
    this.#leg = leg;
    // The endpoint must have our handlers before we act on the leg.
    queueMicrotask(() => leg.ring(180));
    const ringing = setTimeout(() => this.#answer(leg, invite.sdp), afterMs);
    return {
      ...this.#inCallHandlers(() => clearTimeout(ringing)),
      acknowledged: (sdp) => {
        if (sdp !== undefined) this.#media.readAnswer(sdp);
        this.#up();
      },
    };
  }

  #answer(leg: SipLeg, offer: string | undefined): void {
    if (leg.state !== 'offered' && leg.state !== 'early') return;
    const sdp = offer === undefined ? this.#media.offer() : this.#media.answer(offer);
    if (sdp === undefined) leg.reject(488);
    else leg.accept(sdp);
  }

  #inCallHandlers(onEnd: (end: SipLegEnd) => void): SipLegHandlers {
    return {
      // The ACK of an offerless re-INVITE that we accepted.
      acknowledged: (sdp) => {
        if (sdp !== undefined) this.#media.readAnswer(sdp);
      },
      reoffered: (reoffer) => this.#reoffered(reoffer),
      ended: (end) => {
        this.#media.stop();
        this.rtp.stopTalking();
        onEnd(end);
        const ended = this.#ended;
        this.#ended = new Deferred();
        this.#established = new Deferred();
        ended.resolve(end);
      },
    };
  }

  #reoffered(reoffer: Reoffer): void {
    const { refusesReoffers } = this.#options.answers ?? {};
    if (refusesReoffers !== undefined) {
      reoffer.reject(refusesReoffers);
      return;
    }
    const sdp = reoffer.sdp === undefined ? this.#media.offer() : this.#media.answer(reoffer.sdp);
    if (sdp === undefined) reoffer.reject(488);
    else reoffer.accept(sdp);
  }

  async #reoffer(direction: 'inactive' | 'sendrecv'): Promise<number> {
    if (!this.#leg) throw new Error(`${this.#options.name} is in no call`);
    const outcome = await this.#leg.reoffer(this.#media.offer(direction));
    if (!outcome.ok) return outcome.status;
    if (outcome.sdp !== undefined) this.#media.readAnswer(outcome.sdp);
    return 200;
  }

  #up(): void {
    this.rtp.startTalking();
    this.#established.resolve(undefined);
  }
}
