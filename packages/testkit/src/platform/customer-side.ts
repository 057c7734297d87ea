import type { SipLeg } from '@sordino/interception';
import type { SpokenCodec } from '../audio/codec.ts';
import type { MediaBridge } from './media-bridge.ts';
import { mustReadSdp, type SdpAudio, SdpWriter } from './sdp.ts';

/** What an offerless re-INVITE to the customer brought: an offer that must be acknowledged with an answer. */
export interface CustomerOffer {
  readonly sdp: string;
  /** With our own anchor: media stays as it is. */
  keep(): void;
  /** With another party's description: media moves there. */
  moveTo(foreignSdp: string): void;
}

/** The platform's side of leg 1 (leg 4 while diverted): where the customer's media goes is decided here, by re-INVITE. */
export class CustomerSide {
  readonly leg: SipLeg;
  readonly codec: SpokenCodec;
  readonly eventPayloadType: number | undefined;
  /** The description that the customer sent last, as it was. */
  lastSdp: string;
  /** Where the customer's media goes. */
  at: 'anchor' | 'sordino' = 'anchor';
  readonly #bridge: MediaBridge;
  readonly #writer: SdpWriter;

  constructor(leg: SipLeg, offer: string, codec: SpokenCodec, bridge: MediaBridge, sessionId: number) {
    this.leg = leg;
    this.codec = codec;
    this.lastSdp = offer;
    this.#bridge = bridge;
    this.#writer = new SdpWriter(sessionId);
    const audio = mustReadSdp(offer, 'customer');
    this.eventPayloadType = audio.eventPayloadType;
    bridge.customer.setPeer(audio);
  }

  get gone(): boolean {
    return this.leg.state === 'ending' || this.leg.state === 'ended';
  }

  /** Our own end of leg 1. */
  ownSdp(direction: SdpAudio['direction'] = 'sendrecv'): string {
    return this.#writer.write(this.#bridge.customer.describe(this.codec, this.eventPayloadType, direction));
  }

  /** Sordino's description as our own: what an answer to the customer looks like. */
  wrap(foreignSdp: string): string {
    return this.#writer.adopt(foreignSdp);
  }

  /** Re-INVITE with Sordino's description. The customer's answer, or undefined when it refused: then media stays. */
  async put(foreignSdp: string): Promise<string | undefined> {
    const outcome = await this.leg.reoffer(this.#writer.adopt(foreignSdp));
    if (!outcome.ok || outcome.sdp === undefined) return undefined;
    this.#moved(outcome.sdp);
    return outcome.sdp;
  }

  /** Offerless re-INVITE: RFC 3725 §4.4, the way to learn what the customer would offer now. */
  async ask(): Promise<CustomerOffer | undefined> {
    const outcome = await this.leg.reoffer(undefined);
    if (!outcome.ok || outcome.sdp === undefined) return undefined;
    const { sdp } = outcome;
    this.lastSdp = sdp;
    return {
      sdp,
      keep: () => outcome.acknowledge(this.ownSdp()),
      moveTo: (foreignSdp) => {
        outcome.acknowledge(this.#writer.adopt(foreignSdp));
        this.#moved(sdp);
      },
    };
  }

  /** Re-INVITE back to our anchor: legs 4 and 6 end, leg 1 is as it was. False: the customer would not come. */
  async takeBack(): Promise<boolean> {
    const outcome = await this.leg.reoffer(this.ownSdp());
    if (!outcome.ok || outcome.sdp === undefined) return false;
    this.hears(outcome.sdp);
    this.at = 'anchor';
    this.#bridge.feedCustomerFrom('agent');
    return true;
  }

  /** The customer said something new about its media. */
  hears(sdp: string): void {
    this.lastSdp = sdp;
    this.#bridge.customer.setPeer(mustReadSdp(sdp, 'customer'));
  }

  #moved(sdp: string): void {
    this.lastSdp = sdp;
    this.at = 'sordino';
    // From the 200 on the customer takes its audio from Sordino: ours would be heard double.
    this.#bridge.feedCustomerFrom('nobody');
  }
}
