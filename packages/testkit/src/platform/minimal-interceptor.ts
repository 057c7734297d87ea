import type { IncomingInvite, SipLeg, SipLegHandlers } from '@sordino/interception';
import { openUdpPair, type UdpPair } from '../rtp/udp-pair.ts';
import { readRtpHeader } from './continuous-stream.ts';
import { CORRELATION_HEADER, RETURN_HEADER } from './diversion.ts';
import { refused } from './leg7.ts';
import { mustReadSdp, type SdpAudio, SdpWriter } from './sdp.ts';
import { type OpenSimSip, type SimSip, type SimTransport, uriOf } from './sim-sip.ts';

export interface MinimalInterceptorOptions {
  readonly host: string;
  readonly openSip: OpenSimSip;
  /** Tokens that are taken once, in the Request-URI or in `X-Sordino-Token`. */
  readonly tokens: readonly string[];
  /** Leg 5 is answered without waiting for leg 7. Default false. */
  readonly answersAtOnce?: boolean;
  readonly leg7TimeoutMs?: number;
  /** BYE on leg 5 when no customer packet came by then; 0 (default): never. */
  readonly mediaTimeoutMs?: number;
}

/**
 * As little of an interceptor as the simulated platform needs to be tested against: two legs and two port pairs, packets passed on
 * as they are, telephone-events left out towards leg 7. It shares nothing with the product.
 */
export class MinimalInterceptor {
  readonly engagements: Engagement[] = [];
  readonly #options: MinimalInterceptorOptions;
  readonly #sip: SimSip;
  readonly #tokens: Set<string>;

  private constructor(options: MinimalInterceptorOptions, sip: SimSip) {
    this.#options = options;
    this.#sip = sip;
    this.#tokens = new Set(options.tokens);
  }

  static async open(options: MinimalInterceptorOptions): Promise<MinimalInterceptor> {
    const holder: { interceptor?: MinimalInterceptor } = {};
    const sip = await options.openSip((leg, invite) =>
      holder.interceptor ? holder.interceptor.#invited(leg, invite) : refused(leg, 503),
    );
    holder.interceptor = new MinimalInterceptor(options, sip);
    return holder.interceptor;
  }

  uri(token: string, transport: SimTransport = 'udp'): string {
    return uriOf(token, this.#sip.local(transport), transport);
  }

  get engagement(): Engagement {
    const last = this.engagements.at(-1);
    if (!last) throw new Error('no INVITE has come yet');
    return last;
  }

  async close(): Promise<void> {
    for (const engagement of this.engagements) engagement.close();
    await this.#sip.close();
  }

  #invited(leg: SipLeg, invite: IncomingInvite): SipLegHandlers {
    const token = [invite.header('X-Sordino-Token')[0], invite.requestUser].find(
      (candidate) => candidate !== undefined && this.#tokens.delete(candidate),
    );
    if (token === undefined) return refused(leg, 404);
    const engagement = new Engagement(leg, invite, this.#sip, this.#options);
    this.engagements.push(engagement);
    return engagement.leg5Handlers;
  }
}

/** Legs 5, 6 and 7 of one diversion. */
export class Engagement {
  readonly invite: IncomingInvite;
  /** Descriptions that came on leg 5 after the INVITE, in order. */
  readonly leg5Offers: (string | undefined)[] = [];
  readonly referrals: string[] = [];
  /** Customer packets that came in, and telephone-events among them. */
  customerPackets = 0;
  eventPackets = 0;
  readonly #leg5: SipLeg;
  readonly #sip: SimSip;
  readonly #options: MinimalInterceptorOptions;
  readonly #leg5Writer = new SdpWriter(501);
  readonly #leg7Writer = new SdpWriter(701);
  #leg7: SipLeg | undefined;
  #ports: { readonly customer: UdpPair; readonly clean: UdpPair } | undefined;
  #customer: SdpAudio | undefined;
  #clean: SdpAudio | undefined;
  #mediaTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(leg5: SipLeg, invite: IncomingInvite, sip: SimSip, options: MinimalInterceptorOptions) {
    this.invite = invite;
    this.#leg5 = leg5;
    this.#sip = sip;
    this.#options = options;
    void this.#engage();
  }

  get leg5Handlers(): SipLegHandlers {
    return {
      acknowledged: (sdp) => {
        if (sdp !== undefined) this.#customer = mustReadSdp(sdp, 'ACK of leg 5');
      },
      reoffered: (reoffer) => {
        this.leg5Offers.push(reoffer.sdp);
        if (reoffer.sdp !== undefined) this.#customer = mustReadSdp(reoffer.sdp, 'leg 5');
        reoffer.accept(this.#customerSdp());
      },
      referred: (referTo) => {
        this.referrals.push(referTo);
        return 603;
      },
      ended: (end) => {
        clearTimeout(this.#mediaTimer);
        if (end.by !== 'us' || end.how === 'no_ack') this.#leg7?.hangup();
      },
    };
  }

  /** The payment is over: BYE on leg 5, and leg 7 is the platform's to close. */
  release(): void {
    this.#leg5.hangup({ protocol: 'Q.850', cause: 16, text: 'payment done' });
  }

  /** As a release, but on leg 7. */
  dropLeg7(): void {
    this.#leg7?.hangup();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#mediaTimer);
    for (const pair of [this.#ports?.customer, this.#ports?.clean]) {
      pair?.rtp.close();
      pair?.rtcp.close();
    }
  }

  async #engage(): Promise<void> {
    const { host, leg7TimeoutMs = 2_000, answersAtOnce } = this.#options;
    this.#ports = { customer: await openUdpPair(host), clean: await openUdpPair(host) };
    this.#ports.customer.rtp.on('message', (packet) => this.#fromCustomer(packet));
    this.#ports.clean.rtp.on('message', (packet) => this.#send('customer', packet, this.#customer));
    if (answersAtOnce) this.#answerLeg5();
    this.#leg7 = this.#sip.invite(
      {
        target: this.invite.header(RETURN_HEADER)[0] ?? '',
        headers: [[CORRELATION_HEADER, this.invite.header(CORRELATION_HEADER)[0] ?? '']],
        offer: this.#leg7Writer.write(this.#describe('clean', undefined)),
        answerTimeoutMs: leg7TimeoutMs,
      },
      {
        answered: (sdp) => {
          this.#clean = mustReadSdp(sdp, 'answer on leg 7');
          if (!answersAtOnce) this.#answerLeg5();
        },
        reoffered: (reoffer) => {
          if (reoffer.sdp !== undefined) this.#clean = mustReadSdp(reoffer.sdp, 'leg 7');
          reoffer.accept(this.#leg7Writer.write(this.#describe('clean', undefined)));
        },
        ended: (end) => {
          if (this.#leg5.state === 'offered' || this.#leg5.state === 'early') this.#leg5.reject(503);
          else if (end.by === 'peer') this.#leg5.hangup();
        },
      },
    );
  }

  #answerLeg5(): void {
    if (this.#leg5.state !== 'offered') return;
    const { sdp } = this.invite;
    if (sdp !== undefined) this.#customer = mustReadSdp(sdp, 'leg 5');
    this.#leg5.accept(this.#customerSdp());
    const { mediaTimeoutMs = 0 } = this.#options;
    if (mediaTimeoutMs === 0) return;
    this.#mediaTimer = setTimeout(() => {
      if (this.customerPackets === 0) this.release();
    }, mediaTimeoutMs);
  }

  #customerSdp(): string {
    return this.#leg5Writer.write(this.#describe('customer', 101));
  }

  #describe(side: 'customer' | 'clean', eventPayloadType: number | undefined): SdpAudio {
    const pair = this.#ports?.[side];
    if (!pair) throw new Error('ports are not open yet');
    const { host } = this.#options;
    const rtp = { host, port: pair.rtp.address().port };
    return {
      rtp,
      rtcp: { host, port: rtp.port + 1 },
      codecs: ['PCMU'],
      eventPayloadType,
      direction: 'sendrecv',
    };
  }

  #fromCustomer(packet: Uint8Array): void {
    this.customerPackets += 1;
    if (readRtpHeader(packet)?.payloadType === 101) {
      this.eventPackets += 1;
      return;
    }
    this.#send('clean', packet, this.#clean);
  }

  #send(side: 'customer' | 'clean', packet: Uint8Array, peer: SdpAudio | undefined): void {
    if (this.#closed || !peer) return;
    this.#ports?.[side].rtp.send(packet, peer.rtp.port, peer.rtp.host, () => undefined);
  }
}
