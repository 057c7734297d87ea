import { ok, type RandomBytes, type Result, refuse } from '@sordino/core';
import type {
  AudioCodec,
  LocalMedia,
  MediaDescription,
  SdpNegotiator,
  SdpProblem,
  SdpSide,
  SdpText,
} from '@sordino/interception';
import { chooseAudio, describePeer, eventListFor } from './choose-audio.ts';
import { CODEC_FORMATS, isCodec, meaningOf } from './codec-formats.ts';
import { isDtlsProtocol } from './dtls-attributes.ts';
import { eventEncodingAt, PayloadTypes } from './payload-types.ts';
import { type Direction, type Format, readSdp } from './read-sdp.ts';
import type { CryptoLine } from './sdes-attributes.ts';
import { SdesKeys } from './sdes-keys.ts';
import { type OwnAudio, type OwnEvents, type OwnMedia, type RejectedMedia, writeSdp } from './write-sdp.ts';

export interface SdpNegotiatorOptions {
  readonly random: RandomBytes;
}

/**
 * Offer/answer (RFC 3264) for one audio stream, with the keys of its SRTP where there are (RFC 4568). Each `side()` is one session description over its
 * life: one origin, payload types and `m=` lines that stay where they are.
 */
export function createSdpNegotiator({ random }: SdpNegotiatorOptions): SdpNegotiator {
  return { side: () => new AudioSide(sessionIdFrom(random), new SdesKeys(random)) };
}

/** At most ten digits: a longer number would make card scanners cry wolf over every call. */
function sessionIdFrom(random: RandomBytes): number {
  const octets = random(4);
  return new DataView(octets.buffer, octets.byteOffset, 4).getUint32(0);
}

/** RFC 3264 §6.1: the answer mirrors the offer. */
const MIRROR: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

class AudioSide implements SdpSide {
  readonly #sessionId: number;
  readonly #keys: SdesKeys;
  /** Of the audio line as negotiated last. */
  #protocol: string | undefined;
  readonly #payloadTypes = new PayloadTypes();
  #version = 0;
  /** The last description, with its version. */
  #lastText: string | undefined;
  /** RFC 3264 §8: a line once there never goes away. Where the audio line stands, and what stands around it. */
  #lines: readonly (RejectedMedia | 'audio')[] = ['audio'];
  /** What we said last, offer or answer: a session refresh repeats either, and the peer answers it. */
  #lastSaid: { readonly local: LocalMedia; readonly events: readonly OwnEvents[] } | undefined;

  constructor(sessionId: number, keys: SdesKeys) {
    this.#sessionId = sessionId;
    this.#keys = keys;
  }

  offer(local: LocalMedia): SdpText {
    const codecs = local.codecs.map((codec) => ({ codec, payloadType: this.#payloadTypes.numberFor(codec) }));
    // RFC 4733 §2.1: one for each clock of the audio beside them.
    const clocks = new Set(local.codecs.map((codec) => CODEC_FORMATS[codec].clockRateHz));
    const events = (local.telephoneEvents ? [...clocks] : []).map((clockRateHz) => ({
      payloadType: this.#payloadTypes.numberFor(eventEncodingAt(clockRateHz)),
      clockRateHz,
      list: '0-16',
    }));
    this.#lastSaid = { local, events };
    const dtls = ownDtls(local, OFFERED_DTLS_PROTOCOL, true);
    const sdes = this.#offeredKeys(local);
    const { rtp, rtcp } = local;
    return this.#write({ rtp, rtcp, codecs, events, direction: 'sendrecv', ...dtls, ...sdes });
  }

  answer(
    offer: SdpText,
    local: LocalMedia,
  ): Result<{ readonly sdp: SdpText; readonly peer: MediaDescription }, SdpProblem> {
    const media = readSdp(offer);
    if (!media.ok) return media;
    const choice = chooseAudio(media.value, local);
    if (!choice.ok) return choice;
    const { index, audio, codec, event } = choice.value;
    const peer = describePeer(choice.value);
    if (!peer.ok) return peer;
    const downgrade = this.#whyNotInTheClear(choice.value.crypto);
    if (downgrade !== undefined) return downgrade;
    const answered = choice.value.crypto && this.#keys.answer(choice.value.crypto, peer.value.rtp);
    const { protocol } = choice.value.media;
    this.#protocol = protocol;

    for (const format of choice.value.media.formats) {
      if (format.encoding !== undefined) this.#payloadTypes.remember(format.payloadType, meaningOf(format));
    }
    this.#payloadTypes.use(codec, audio.payloadType);
    const eventClockRateHz = event?.clockRateHz ?? 8_000;
    if (event !== undefined) this.#payloadTypes.use(eventEncodingAt(eventClockRateHz), event.payloadType);
    this.#lines = media.value.map(({ type, protocol, formatNames }, at) =>
      at === index ? 'audio' : { kind: 'rejected', type, protocol, formatNames },
    );
    const events =
      event === undefined
        ? []
        : [{ payloadType: event.payloadType, clockRateHz: eventClockRateHz, list: eventListFor(event) }];
    this.#lastSaid = { local: { ...local, codecs: [codec] }, events };
    const sdp = this.#write({
      rtp: local.rtp,
      rtcp: local.rtcp,
      // One codec: two would let the peer change in mid-stream, and the relay is set up for one.
      codecs: [{ codec, payloadType: audio.payloadType }],
      events,
      direction: MIRROR[peer.value.direction],
      ...ownDtls(local, protocol, peer.value.dtls?.iceUfrag !== undefined),
      ...(answered && { sdes: { protocol, lines: [answered.line] } }),
    });
    return ok({ sdp, peer: withKeys(peer.value, answered?.pair) });
  }

  readAnswer(answer: SdpText): Result<MediaDescription, SdpProblem> {
    const offered = this.#lastSaid;
    if (offered === undefined) throw new Error('readAnswer was called before offer');
    const media = readSdp(answer);
    if (!media.ok) return media;
    // RFC 3264 §6: one m= line for each of the offer, in its order.
    if (media.value.length !== this.#lines.length) {
      const message = `it has ${media.value.length} m= lines where the offer had ${this.#lines.length}`;
      return refuse({ code: 'malformed', message });
    }
    const audioLines = media.value.filter((_, index) => this.#lines[index] === 'audio');
    // The answer's own order decides which of the offered codecs is spoken.
    const formats = audioLines.flatMap((line) => line.formats);
    const codecs = [...offered.local.codecs].sort((a, b) => rank(formats, a) - rank(formats, b));
    const choice = chooseAudio(audioLines, { ...offered.local, codecs });
    if (!choice.ok) return choice;
    const peer = describePeer(choice.value);
    if (!peer.ok) return peer;
    const { crypto } = choice.value;
    const downgrade = this.#whyNotInTheClear(crypto);
    if (downgrade !== undefined) return downgrade;
    const keys = crypto === undefined ? ok(undefined) : this.#keys.accept(crypto, peer.value.rtp);
    if (!keys.ok) return refuse({ code: 'no_common_crypto', message: keys.problem });
    this.#protocol = choice.value.media.protocol;
    const secured = withKeys(peer.value, keys.value);
    // RFC 3264 §6.1: the peer sends with the number of our offer, whatever it wrote for its own direction. We never
    // send events, so the number to listen for is the one that counts.
    const clockRateHz = choice.value.event?.clockRateHz;
    const own = offered.events.find((event) => event.clockRateHz === clockRateHz);
    return ok({ ...secured, eventPayloadType: own?.payloadType });
  }

  #offeredKeys({ crypto }: LocalMedia): Pick<OwnAudio, 'sdes'> {
    if (crypto === 'none' || crypto === 'dtls') return {};
    const protocol = crypto === 'sdes' ? 'RTP/SAVP' : (this.#protocol ?? 'RTP/AVP');
    return { sdes: { protocol, lines: this.#keys.offer() } };
  }

  #whyNotInTheClear(crypto: CryptoLine | undefined): Result<never, SdpProblem> | undefined {
    if (crypto !== undefined || !this.#keys.isAgreed) return undefined;
    const message = 'the media is encrypted (a=crypto), and never goes on in the clear';
    return refuse({ code: 'no_common_crypto', message });
  }

  /** RFC 3264 §8: the version goes up by one when, and only when, something else in the description changed. */
  #write(audio: OwnAudio): SdpText {
    const media = this.#lines.map((line): OwnMedia => (line === 'audio' ? { kind: 'audio', audio } : line));
    const text = writeSdp({ sessionId: this.#sessionId, version: this.#version }, audio.rtp.host, media);
    if (text === this.#lastText) return text;
    this.#lastText = withVersion(text, this.#version + 1);
    this.#version += 1;
    return this.#lastText;
  }
}

/** RFC 8829 §5.1.2 wants this one of WebRTC; who does not know feedback messages can still take it (RFC 5764 §8). */
const OFFERED_DTLS_PROTOCOL = 'UDP/TLS/RTP/SAVPF';

/** A platform that is to have DTLS never gets a line without it. */
function ownDtls(
  { crypto, dtls: local }: LocalMedia,
  protocol: string,
  withIce: boolean,
): Pick<OwnAudio, 'dtls'> {
  if (crypto !== 'dtls') return {};
  if (local === undefined || !isDtlsProtocol(protocol))
    throw new Error('the platform has crypto "dtls" and the bridge was opened without DTLS');
  return { dtls: { protocol, local, withIce } };
}

const withKeys = (peer: MediaDescription, srtp: MediaDescription['srtp']): MediaDescription =>
  srtp === undefined ? peer : { ...peer, srtp };

/** The second number of the origin line. */
const withVersion = (text: string, version: number): string =>
  text.replace(/^(o=\S+ \d+) \d+/m, `$1 ${version}`);

function rank(formats: readonly Format[], codec: AudioCodec): number {
  const at = formats.findIndex((format) => isCodec(format, codec));
  return at < 0 ? formats.length : at;
}
