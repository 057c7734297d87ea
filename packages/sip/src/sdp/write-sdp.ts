import { isIPv6 } from 'node:net';
import type { AudioCodec, HostPort, LocalDtls } from '@sordino/interception';
import { type MediaDescription as LibraryMedia, type SessionDescription, write } from 'sdp-transform';
import { CODEC_FORMATS } from './codec-formats.ts';
import { type DtlsProtocol, writeDtls } from './dtls-attributes.ts';
import type { Direction } from './read-sdp.ts';
import { type CryptoLine, writeCrypto } from './sdes-attributes.ts';
import { PACKET_TIME_MS } from './sdp-limits.ts';

/** One `m=` line of ours: the audio line, or one that we keep in its place with port 0 (RFC 3264 §6, §8). */
export type OwnMedia = { readonly kind: 'audio'; readonly audio: OwnAudio } | RejectedMedia;

export interface RejectedMedia {
  readonly kind: 'rejected';
  readonly type: string;
  readonly protocol: string;
  readonly formatNames: readonly string[];
}

export interface OwnAudio {
  readonly rtp: HostPort;
  readonly rtcp: HostPort;
  readonly codecs: readonly { readonly codec: AudioCodec; readonly payloadType: number }[];
  readonly events: readonly OwnEvents[];
  readonly direction: Direction;
  /** RFC 4568: over RTP/SAVP, or over RTP/AVP where it is only a wish (RFC 8643). */
  readonly sdes?: { readonly protocol: string; readonly lines: readonly CryptoLine[] };
  readonly dtls?: { readonly protocol: DtlsProtocol; readonly local: LocalDtls; readonly withIce: boolean };
}

/** RFC 4733 events at one clock. */
export interface OwnEvents {
  readonly payloadType: number;
  readonly clockRateHz: number;
  readonly list: string;
}

export interface Origin {
  readonly sessionId: number;
  readonly version: number;
}

/** A session description with one audio line; address and origin are those of its RTP. */
export function writeSdp(origin: Origin, address: string, media: readonly OwnMedia[]): string {
  const ipVersion = isIPv6(address) ? 6 : 4;
  const session: SessionDescription = {
    version: 0,
    origin: {
      username: '-',
      sessionId: origin.sessionId,
      sessionVersion: origin.version,
      netType: 'IN',
      ipVer: ipVersion,
      address,
    },
    name: '-',
    connection: { version: ipVersion, ip: address },
    timing: { start: 0, stop: 0 },
    ...(media.some((line) => line.kind === 'audio' && line.audio.dtls?.withIce) && { icelite: 'ice-lite' }),
    media: media.map((line) => (line.kind === 'audio' ? audioMedia(line.audio) : rejectedMedia(line))),
  };
  return write(session);
}

function audioMedia({ rtp, rtcp, codecs, events, direction, sdes, dtls }: OwnAudio): LibraryMedia {
  const maps = codecs.map(({ codec, payloadType }) => {
    const { encoding, clockRateHz, channels } = CODEC_FORMATS[codec];
    return {
      payload: payloadType,
      codec: encoding,
      rate: clockRateHz,
      ...(channels > 1 && { encoding: channels }),
    };
  });
  const eventMaps = events.map(({ payloadType, clockRateHz }) => ({
    payload: payloadType,
    codec: 'telephone-event',
    rate: clockRateHz,
  }));
  const parameters = codecs.flatMap(({ codec, payloadType }) => {
    const config = CODEC_FORMATS[codec].parameters;
    return config === undefined ? [] : [{ payload: payloadType, config }];
  });
  return {
    type: 'audio',
    port: rtp.port,
    protocol: dtls?.protocol ?? sdes?.protocol ?? 'RTP/AVP',
    payloads: [...maps, ...eventMaps].map(({ payload }) => payload).join(' '),
    rtp: [...maps, ...eventMaps],
    fmtp: [...parameters, ...events.map(({ payloadType, list }) => ({ payload: payloadType, config: list }))],
    ptime: PACKET_TIME_MS,
    direction,
    ...(sdes && writeCrypto(sdes.lines)),
    ...(dtls === undefined ? rtcpAttribute(rtp, rtcp) : writeDtls(dtls.local, rtp, dtls.withIce)),
  };
}

/** RFC 3605: only where RTCP is not on the next port of the same address. */
function rtcpAttribute(rtp: HostPort, rtcp: HostPort): Pick<LibraryMedia, 'rtcp'> {
  if (rtcp.host !== rtp.host) {
    const ipVer = isIPv6(rtcp.host) ? 6 : 4;
    return { rtcp: { port: rtcp.port, netType: 'IN', ipVer, address: rtcp.host } };
  }
  return rtcp.port === rtp.port + 1 ? {} : { rtcp: { port: rtcp.port } };
}

const rejectedMedia = ({ type, protocol, formatNames }: RejectedMedia): LibraryMedia => ({
  type,
  port: 0,
  protocol,
  payloads: formatNames.join(' '),
  rtp: [],
  fmtp: [],
});
