import { type Log, ok, type Result } from '@sordino/core';
import type { PlatformProfile } from '../platform/profile.ts';
import type { BridgeSide, MediaBridge } from '../ports/media-relay.ts';
import type {
  AudioCodec,
  LocalMedia,
  MediaDescription,
  SdpNegotiator,
  SdpProblem,
  SdpSide,
} from '../ports/sdp-negotiator.ts';
import type { SdpText } from '../ports/sip-calls.ts';

/** The bridge of one engagement together with what was negotiated on its two sides. */
export class MediaPath {
  #bridge: MediaBridge;
  readonly #platform: PlatformProfile;
  readonly #side5: SdpSide;
  readonly #side7: SdpSide;
  #customerPeer: MediaDescription | undefined;
  #cleanPeer: MediaDescription | undefined;

  constructor(bridge: MediaBridge, platform: PlatformProfile, sdp: SdpNegotiator) {
    this.#bridge = bridge;
    this.#platform = platform;
    this.#side5 = sdp.side();
    this.#side7 = sdp.side();
  }

  get bridge(): MediaBridge {
    return this.#bridge;
  }

  /** The same two peers on another bridge; each leg has yet to be told its new address, by an offer. */
  moveTo(bridge: MediaBridge): void {
    this.#bridge = bridge;
    if (this.#customerPeer !== undefined) bridge.setPeer('customer', this.#customerPeer);
    if (this.#cleanPeer !== undefined) bridge.setPeer('clean', this.#cleanPeer);
  }

  /** No more media: the keys are zeroed. The relay has its own copies and does the same. */
  wipe(): void {
    wipeKeysOf(this.#customerPeer, undefined);
    wipeKeysOf(this.#cleanPeer, undefined);
  }

  /** Nothing is to be expected of the customer: as the peer wrote it, it sends no media. */
  get customerHeld(): boolean {
    const direction = this.#customerPeer?.direction;
    return direction === 'inactive' || direction === 'recvonly';
  }

  /** From the offer on leg 5, the ACK, or a re-INVITE: until then nothing from the customer is taken in. */
  get customerSignalled(): boolean {
    return this.#customerPeer !== undefined;
  }

  /** Where the customer's media is signalled to be, `host:port`. */
  get customerAddress(): string | undefined {
    const rtp = this.#customerPeer?.rtp;
    return rtp && `${rtp.host}:${rtp.port}`;
  }

  /** What goes into the 200 on leg 5: our offer when INVITE 5 had none (a-1), else our answer (a-2, a-3). */
  describeLeg5(offer: SdpText | undefined): Result<SdpText, SdpProblem> {
    return this.answerReoffer('customer', offer);
  }

  /** Our end of that side as it is now. */
  offer(side: BridgeSide): SdpText {
    return side === 'customer' ? this.#side5.offer(this.#customerEnd()) : this.#side7.offer(this.#cleanEnd());
  }

  /** The peer's answer to our offer: in the ACK of leg 5, in the 200 of leg 7. */
  readAnswer(side: BridgeSide, answer: SdpText): Result<undefined, SdpProblem> {
    const read = (side === 'customer' ? this.#side5 : this.#side7).readAnswer(answer);
    if (!read.ok) return read;
    this.#setPeer(side, read.value);
    return ok(undefined);
  }

  /** The answer to a description that we only repeated. What cannot be used changes nothing: the media goes on as it was. */
  reanswered(side: BridgeSide, answer: SdpText, log: Log): void {
    const read = this.readAnswer(side, answer);
    if (!read.ok) log.warn('the answer to a session refresh cannot be used', { side, ...read.problem });
  }

  /** A re-INVITE: answered with our unchanged address; ports, SSRC and sequence stay, only the peer moves. */
  answerReoffer(side: BridgeSide, offer: SdpText | undefined): Result<SdpText, SdpProblem> {
    return offer === undefined ? ok(this.offer(side)) : this.#answer(side, offer);
  }

  #answer(side: BridgeSide, offer: SdpText): Result<SdpText, SdpProblem> {
    const answer =
      side === 'customer'
        ? this.#side5.answer(offer, this.#customerEnd())
        : this.#side7.answer(offer, this.#cleanEnd());
    if (!answer.ok) return answer;
    this.#setPeer(side, answer.value.peer);
    return ok(answer.value.sdp);
  }

  #setPeer(side: BridgeSide, peer: MediaDescription): void {
    const before = side === 'customer' ? this.#customerPeer : this.#cleanPeer;
    if (side === 'customer') this.#customerPeer = peer;
    else this.#cleanPeer = peer;
    this.bridge.setPeer(side, peer);
    wipeKeysOf(before, peer);
  }

  /** Each end takes the codec of the other first: nothing is transcoded where the two share one. */
  #customerEnd(): LocalMedia {
    const { codecs, crypto } = this.#platform;
    const preferred = preferring(this.#cleanPeer?.codec, codecs);
    return { ...this.bridge.customer, codecs: preferred, telephoneEvents: true, crypto };
  }

  /** Leg 7 offers no telephone-event (rule 3). */
  #cleanEnd(): LocalMedia {
    const { codecs, crypto } = this.#platform;
    const preferred = preferring(this.#customerPeer?.codec, codecs);
    return { ...this.bridge.clean, codecs: preferred, telephoneEvents: false, crypto };
  }
}

const preferring = (first: AudioCodec | undefined, codecs: readonly AudioCodec[]): readonly AudioCodec[] =>
  first === undefined ? codecs : [first, ...codecs.filter((codec) => codec !== first)];

/** Keys that the next description took over, as they are, stay. */
function wipeKeysOf(before: MediaDescription | undefined, next: MediaDescription | undefined): void {
  for (const direction of ['local', 'remote'] as const) {
    const keys = before?.srtp?.[direction];
    if (keys === undefined || keys.masterKey === next?.srtp?.[direction].masterKey) continue;
    keys.masterKey.fill(0);
    keys.masterSalt.fill(0);
  }
}
