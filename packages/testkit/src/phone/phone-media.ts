import { CODECS, type SpokenCodec } from '../audio/codec.ts';
import { commonCodec, mirrored, readSdp, type SdpAudio, SdpWriter } from '../platform/sdp.ts';
import type { RtpPeer, RtpPhone } from '../rtp/rtp-phone.ts';

/** The offer/answer side of a phone (RFC 3264): writes what the phone can do, and points its media where the peer says. */
export class PhoneMedia {
  readonly #rtp: RtpPhone;
  readonly #codecs: readonly SpokenCodec[];
  readonly #eventPayloadType: number | undefined;
  readonly #writer: SdpWriter;
  #codec: SpokenCodec | undefined;

  constructor(parts: {
    readonly rtp: RtpPhone;
    /** Best first. */
    readonly codecs: readonly SpokenCodec[];
    /** Undefined: a phone that knows no telephone-event. */
    readonly eventPayloadType: number | undefined;
    readonly sdpSessionId: number;
  }) {
    this.#rtp = parts.rtp;
    this.#codecs = parts.codecs;
    this.#eventPayloadType = parts.eventPayloadType;
    this.#writer = new SdpWriter(parts.sdpSessionId);
  }

  /** What is spoken now. */
  get codec(): SpokenCodec | undefined {
    return this.#codec;
  }

  offer(direction: SdpAudio['direction'] = 'sendrecv'): string {
    return this.#write(this.#codecs, this.#eventPayloadType, direction, 'actpass');
  }

  /** Our answer; undefined when nothing in the offer is ours to speak, and then nothing has changed. */
  answer(offer: string): string | undefined {
    const audio = readSdp(offer);
    if ('problem' in audio || !this.#follow(audio)) return undefined;
    // RFC 3264 §6.1: the answer uses the payload type numbers of the offer.
    const events = this.#eventPayloadType === undefined ? undefined : audio.eventPayloadType;
    return this.#write(this.#codec ? [this.#codec] : [], events, mirrored(audio.direction));
  }

  /** The peer's answer to our offer. False when it is none that fits. */
  readAnswer(answer: string): boolean {
    const audio = readSdp(answer);
    return !('problem' in audio) && this.#follow(audio);
  }

  /** The call is over: nothing is sent any more. */
  stop(): void {
    this.#rtp.setPeer(undefined);
    this.#codec = undefined;
  }

  #follow(peer: SdpAudio): boolean {
    const codec = commonCodec(peer.codecs, this.#codecs);
    // A phone with SRTP takes nothing else, and one without cannot speak it.
    if (codec === undefined || this.#rtp.crypto?.kind !== peer.crypto?.kind) return false;
    this.#codec = codec;
    const sends = peer.direction === 'sendrecv' || peer.direction === 'recvonly';
    this.#rtp.setPeer(sends ? this.#peer(peer, codec) : undefined);
    return true;
  }

  #peer(peer: SdpAudio, codec: SpokenCodec): RtpPeer {
    const { rtp, rtcp, eventPayloadType } = peer;
    const events = this.#eventPayloadType !== undefined && eventPayloadType !== undefined;
    return {
      rtp,
      rtcp,
      codec,
      crypto: peer.crypto,
      audioPayloadType: CODECS[codec].payloadType,
      ...(events ? { eventPayloadType } : {}),
    };
  }

  #write(
    codecs: readonly SpokenCodec[],
    eventPayloadType: number | undefined,
    direction: SdpAudio['direction'],
    /** RFC 5763 §5: an offer leaves the roles to its answer. */
    setup?: 'actpass',
  ): string {
    const { rtp, rtcp } = this.#rtp;
    const own = this.#rtp.crypto;
    const crypto = setup === undefined || own?.kind !== 'dtls' ? own : { ...own, setup };
    return this.#writer.write({ rtp, rtcp, codecs, eventPayloadType, direction, ...(crypto && { crypto }) });
  }
}
