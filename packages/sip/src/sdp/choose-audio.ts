import { ok, type Result, refuse } from '@sordino/core';
import type { AudioCodec, MediaCrypto, MediaDescription, PeerDtls, SdpProblem } from '@sordino/interception';
import { CODEC_FORMATS, isCodec } from './codec-formats.ts';
import { DTLS_PROTOCOLS, readPeerDtls } from './dtls-attributes.ts';
import type { Format, SdpMedia } from './read-sdp.ts';
import { type CryptoLine, chooseCrypto } from './sdes-attributes.ts';

/** The `m=` line of a peer that we use, and what of it. */
export interface AudioChoice {
  readonly index: number;
  readonly media: SdpMedia;
  readonly audio: Format;
  readonly codec: AudioCodec;
  readonly event: Format | undefined;
  readonly dtls: PeerDtls | undefined;
  /** What the peer sends with (RFC 4568); undefined: in the clear. */
  readonly crypto: CryptoLine | undefined;
}

/** What we take: codecs best first, and whether key presses may come as RFC 4733 events. */
export interface Wanted {
  readonly codecs: readonly AudioCodec[];
  readonly telephoneEvents: boolean;
  readonly crypto: MediaCrypto;
}

/** The first usable audio line with a common codec; if there is none, the reason that helps its author most. */
export function chooseAudio(media: readonly SdpMedia[], wanted: Wanted): Result<AudioChoice, SdpProblem> {
  const audio = media.map((line, index) => ({ line, index })).filter(({ line }) => line.type === 'audio');
  const enabled = audio.filter(({ line }) => line.port !== 0);
  if (enabled.length === 0) {
    const what = audio.length === 0 ? 'there is no m=audio line' : 'every m=audio line has port 0';
    return refuse({ code: 'no_audio', message: what });
  }
  const usable = protocolsOf(wanted).flatMap((protocol) =>
    enabled.filter(({ line }) => line.protocol === protocol),
  );
  if (usable.length === 0) {
    const protocols = enabled.map(({ line }) => line.protocol).join(', ');
    const message = `audio is offered as ${protocols}, and this server takes ${protocolsOf(wanted).join(' or ')}`;
    const isPlain = wanted.crypto === 'none' && !/SAVP/.test(protocols);
    return refuse({ code: isPlain ? 'no_common_codec' : 'no_common_crypto', message });
  }
  for (const { line, index } of usable) {
    for (const codec of wanted.codecs) {
      const format = line.formats.find((one) => isCodec(one, codec));
      if (format === undefined) continue;
      const event = wanted.telephoneEvents ? keyEventsBeside(line.formats, codec) : undefined;
      const dtls = wanted.crypto === 'dtls' ? readPeerDtls(line.dtlsAttributes) : undefined;
      if (dtls?.ok === false) return refuse({ code: 'no_common_crypto', message: dtls.problem });
      const crypto = cryptoOf(line, wanted);
      if (!crypto.ok) return refuse({ code: 'no_common_crypto', message: crypto.problem });
      return ok({ index, media: line, audio: format, codec, event, dtls: dtls?.value, crypto: crypto.value });
    }
  }
  const codecs = wanted.codecs.map(nameOf).join(' or ');
  return refuse({ code: 'no_common_codec', message: `no m=audio line has ${codecs}` });
}

/** Best first. Where encryption is not asked for, an `a=crypto` beside RTP/AVP (RFC 8643) is answered in the clear. */
function protocolsOf({ crypto }: Wanted): readonly string[] {
  const protocols = {
    none: ['RTP/AVP'],
    sdes: ['RTP/SAVP'],
    sdes_optional: ['RTP/SAVP', 'RTP/AVP'],
    dtls: DTLS_PROTOCOLS,
  };
  return protocols[crypto];
}

/** RFC 8643 §3: RTP/AVP with keys that we cannot use is still RTP/AVP; RTP/SAVP without keys is nothing. */
function cryptoOf(line: SdpMedia, wanted: Wanted): Result<CryptoLine | undefined, string> {
  if (wanted.crypto === 'none' || wanted.crypto === 'dtls') return ok(undefined);
  const chosen = chooseCrypto(line.cryptoAttributes);
  return chosen.ok || line.protocol === 'RTP/SAVP' ? chosen : ok(undefined);
}

export function describePeer({
  media,
  audio,
  codec,
  event,
  dtls,
}: AudioChoice): Result<MediaDescription, SdpProblem> {
  const { rtp, rtcp, packetTimeMs, direction } = media;
  if (rtp === undefined || rtcp === undefined) {
    return refuse({ code: 'malformed', message: `line ${media.lineNumber} (m=): there is no address` });
  }
  const eventPayloadType = event?.payloadType;
  return ok({
    rtp,
    // RFC 5761 §5.1.1: with a=rtcp-mux, which DTLS needs, RTCP is where RTP is.
    rtcp: dtls === undefined ? rtcp : rtp,
    codec,
    audioPayloadType: audio.payloadType,
    eventPayloadType,
    packetTimeMs,
    direction,
    ...(dtls === undefined ? {} : { dtls }),
  });
}

/** As `a=rtpmap` has it. */
function nameOf(codec: AudioCodec): string {
  const { encoding, clockRateHz, channels } = CODEC_FORMATS[codec];
  return `${encoding}/${clockRateHz}${channels === 1 ? '' : `/${channels}`}`;
}

/** RFC 4733 §2.1: at the clock of the audio beside them; else at 8000, which some send beside any audio. */
function keyEventsBeside(formats: readonly Format[], codec: AudioCodec): Format | undefined {
  const { clockRateHz } = CODEC_FORMATS[codec];
  return (
    formats.find((format) => isKeyEvents(format, clockRateHz)) ??
    formats.find((format) => isKeyEvents(format, 8_000))
  );
}

/** RFC 4733 §2.4.1: telephone-event that has the digits 0-9, `*` and `#` (events 0 to 11). */
function isKeyEvents(format: Format, clockRateHz: number): boolean {
  if (format.encoding !== 'TELEPHONE-EVENT' || format.clockRateHz !== clockRateHz) return false;
  const events = eventsOf(format.parameters);
  for (let event = 0; event <= LAST_KEY_EVENT; event++) if (!includes(events, event)) return false;
  return true;
}

const LAST_KEY_EVENT = 11;
const FLASH_EVENT = 16;

/** Which events we write back: hook flash (16) only to who sent it. */
export const eventListFor = (peer: Format): string =>
  includes(eventsOf(peer.parameters), FLASH_EVENT) ? '0-16' : '0-15';

type Range = readonly [first: number, last: number];

/** `0-15,66,70`. Without a list the events are 0-15 (RFC 4733 §2.4.1); a list that cannot be read has none. */
function eventsOf(parameters: string | undefined): readonly Range[] {
  const list = (parameters ?? '0-15').replace(/^events=/i, '').trim();
  if (!/^[0-9]{1,3}(-[0-9]{1,3})?( *, *[0-9]{1,3}(-[0-9]{1,3})?)*$/.test(list)) return [];
  return list.split(',').map((part): Range => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return [first, last];
  });
}

const includes = (ranges: readonly Range[], event: number): boolean =>
  ranges.some(([first, last]) => event >= first && event <= last);
