/**
 * Session descriptions of the simulated outside world. Small on purpose and written apart from the product's negotiator,
 * so that each is a second opinion on the other.
 */
import type { HostPort } from '@sordino/interception';
import { CODECS, SPOKEN_CODECS, type SpokenCodec } from '../audio/codec.ts';
import { SDES_SUITE } from '../rtp/sdes-media.ts';
import type { DtlsSetup, SdpCrypto, SdpDtls, SdpSecurity } from '../rtp/secure-media.ts';

export type SdpDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** What one audio line says. */
export interface SdpAudio {
  readonly rtp: HostPort;
  readonly rtcp: HostPort;
  /** The codecs that are listed and that we know, in the order of the `m=` line. */
  readonly codecs: readonly SpokenCodec[];
  /** telephone-event at the clock of the first of them. */
  readonly eventPayloadType: number | undefined;
  readonly direction: SdpDirection;
  /** RTP/SAVP with this key, or DTLS-SRTP with this certificate; undefined: RTP/AVP. */
  readonly crypto?: SdpSecurity | undefined;
}

/** RFC 3551 §6: what needs no `a=rtpmap`. */
const STATIC_NAMES: Readonly<Record<number, string>> = { 0: 'PCMU/8000', 8: 'PCMA/8000', 9: 'G722/8000' };

/** Reads the first audio line, or says in words why there is none to use. */
export function readSdp(text: string): SdpAudio | { readonly problem: string } {
  const lines = text.split(/\r?\n/);
  const audioAt = lines.findIndex((line) => line.startsWith('m=audio '));
  if (audioAt < 0) return { problem: 'no m=audio line' };
  const nextLine = lines.findIndex((line, index) => index > audioAt && line.startsWith('m='));
  const media = lines.slice(audioAt, nextLine < 0 ? undefined : nextLine);
  const session = lines.slice(
    0,
    lines.findIndex((line) => line.startsWith('m=')),
  );

  const [, port = '', profile, ...formats] = (media[0] ?? '').slice(2).split(' ');
  const crypto = profile === undefined ? undefined : securityOf(profile, media);
  if (profile !== 'RTP/AVP' && crypto === undefined)
    return {
      problem: `profile ${profile ?? '(none)'}, only RTP/AVP is spoken here, RTP/SAVP with ${SDES_SUITE}, or DTLS-SRTP`,
    };
  if (!/^\d+$/.test(port) || Number(port) === 0) return { problem: `audio port ${port}` };
  const host = connectionOf(media) ?? connectionOf(session);
  if (host === undefined) return { problem: 'no c=IN IP4 line' };

  const payloadTypes = formats.map(Number);
  const names = namesOf(media);
  const nameOf = (payloadType: number): string | undefined =>
    names.get(payloadType) ?? STATIC_NAMES[payloadType];
  const codecs = payloadTypes.flatMap((payloadType) =>
    SPOKEN_CODECS.filter((codec) => CODECS[codec].rtpmap.toUpperCase() === nameOf(payloadType)),
  );
  const events = `TELEPHONE-EVENT/${1_000 * CODECS[codecs[0] ?? 'PCMU'].ticksPerMs}`;
  // RFC 3605: a=rtcp names the RTCP port, and its host when that differs; else port + 1 (RFC 3550 §11).
  const rtcp = attribute(media, 'rtcp')?.match(/^(\d+)(?: IN IP4 (\S+))?/);
  return {
    rtp: { host, port: Number(port) },
    rtcp: media.includes('a=rtcp-mux')
      ? { host, port: Number(port) }
      : { host: rtcp?.[2] ?? host, port: rtcp ? Number(rtcp[1]) : Number(port) + 1 },
    codecs,
    eventPayloadType: payloadTypes.find((payloadType) => nameOf(payloadType) === events),
    direction: directionOf(media) ?? directionOf(session) ?? 'sendrecv',
    ...(crypto && { crypto }),
  };
}

/** As `readSdp`; for descriptions that must be good. Throws with the reason and the text. */
export function mustReadSdp(text: string | undefined, whose: string): SdpAudio {
  if (text === undefined) throw new Error(`${whose}: no session description where one was due`);
  const audio = readSdp(text);
  if ('problem' in audio) throw new Error(`${whose}: ${audio.problem} in\n${text}`);
  return audio;
}

/** The descriptions of one side of one dialog: `o=` keeps its id, the version counts changes (RFC 3264 §8). */
export class SdpWriter {
  readonly #id: number;
  #version = 0;
  #last = '';

  /** `id`: of the session in `o=`, numeric, chosen by the caller. */
  constructor(id: number) {
    this.#id = id;
  }

  write(audio: SdpAudio): string {
    const { rtp, rtcp, eventPayloadType, crypto } = audio;
    const clockRateHz = 1_000 * CODECS[audio.codecs[0] ?? 'PCMU'].ticksPerMs;
    const payloadTypes = [
      ...audio.codecs.map((codec) => CODECS[codec].payloadType),
      ...(eventPayloadType === undefined ? [] : [eventPayloadType]),
    ];
    return this.#stamp(rtp.host, [
      `c=IN IP4 ${rtp.host}`,
      't=0 0',
      `m=audio ${rtp.port} ${PROFILE_OF[crypto?.kind ?? 'none']} ${payloadTypes.join(' ')}`,
      ...audio.codecs.map((codec) => `a=rtpmap:${CODECS[codec].payloadType} ${CODECS[codec].rtpmap}`),
      ...(eventPayloadType === undefined
        ? []
        : [`a=rtpmap:${eventPayloadType} telephone-event/${clockRateHz}`, `a=fmtp:${eventPayloadType} 0-15`]),
      ...securityLines(crypto),
      'a=ptime:20',
      `a=${audio.direction}`,
      ...(rtcp.port === rtp.port + 1 ? [] : [`a=rtcp:${rtcp.port}`]),
    ]);
  }

  /**
   * Another party's description as our own. RFC 3725 §4.1: a controller that passes SDP between two dialogs must still
   * keep the origin line of each dialog in order, since neither side may see a foreign session in its own (RFC 3264 §8).
   */
  adopt(foreign: string): string {
    const lines = foreign.split(/\r?\n/).filter((line) => line !== '' && !/^[vos]=/.test(line));
    const host = lines.find((line) => line.startsWith('c='))?.split(' ')[2] ?? '0.0.0.0';
    return this.#stamp(host, lines);
  }

  #stamp(host: string, lines: readonly string[]): string {
    const body = lines.join('\r\n');
    if (body !== this.#last) this.#version += 1;
    this.#last = body;
    return `v=0\r\no=- ${this.#id} ${this.#version} IN IP4 ${host}\r\ns=-\r\n${body}\r\n`;
  }
}

const PROFILE_OF = { none: 'RTP/AVP', sdes: 'RTP/SAVP', dtls: 'UDP/TLS/RTP/SAVPF' } as const;

function securityLines(crypto: SdpSecurity | undefined): readonly string[] {
  if (crypto === undefined) return [];
  if (crypto.kind === 'sdes') return [`a=crypto:${crypto.tag} ${SDES_SUITE} inline:${crypto.key}`];
  return [`a=fingerprint:sha-256 ${crypto.fingerprint}`, `a=setup:${crypto.setup}`, 'a=rtcp-mux'];
}

/** The same description on hold or off it. */
export function withDirection(text: string, direction: SdpDirection): string {
  const others = text
    .split(/\r?\n/)
    .filter((line) => !/^a=(sendrecv|sendonly|recvonly|inactive)$/.test(line));
  return [...others.filter((line) => line !== ''), `a=${direction}`, ''].join('\r\n');
}

/** RFC 3264 §6.1: what we do when the peer says that it only sends, or only receives. */
export function mirrored(direction: SdpDirection): SdpDirection {
  if (direction === 'sendonly') return 'recvonly';
  return direction === 'recvonly' ? 'sendonly' : direction;
}

/** The codec both lists have, in the order of the first. */
export function commonCodec(
  wanted: readonly SpokenCodec[],
  offered: readonly SpokenCodec[],
): SpokenCodec | undefined {
  return wanted.find((codec) => offered.includes(codec));
}

function securityOf(profile: string, media: readonly string[]): SdpSecurity | undefined {
  if (profile === PROFILE_OF.sdes) return cryptoOf(media);
  return profile.startsWith('UDP/TLS/RTP/SAVP') ? dtlsOf(media) : undefined;
}

function dtlsOf(lines: readonly string[]): SdpDtls | undefined {
  const fingerprint = attribute(lines, 'fingerprint')?.match(/^sha-256 ([0-9A-F:]{95})$/)?.[1];
  const setup = attribute(lines, 'setup')?.match(/^(actpass|active|passive)$/)?.[1] as DtlsSetup | undefined;
  return fingerprint === undefined || setup === undefined ? undefined : { kind: 'dtls', fingerprint, setup };
}

function cryptoOf(lines: readonly string[]): SdpCrypto | undefined {
  const pattern = new RegExp(`^a=crypto:(\\d+) ${SDES_SUITE} inline:([A-Za-z0-9+/]{40})(?:\\|2\\^\\d+)?$`);
  const match = lines.map((line) => line.match(pattern)).find(Boolean);
  return match ? { kind: 'sdes', tag: Number(match[1]), key: match[2] ?? '' } : undefined;
}

function connectionOf(lines: readonly string[]): string | undefined {
  return lines.find((line) => line.startsWith('c=IN IP4 '))?.slice('c=IN IP4 '.length);
}

function attribute(lines: readonly string[], name: string): string | undefined {
  return lines.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3);
}

function directionOf(lines: readonly string[]): SdpDirection | undefined {
  return lines
    .map((line) => line.match(/^a=(sendrecv|sendonly|recvonly|inactive)$/)?.[1])
    .find((direction): direction is SdpDirection => direction !== undefined);
}

function namesOf(lines: readonly string[]): ReadonlyMap<number, string> {
  const maps = lines.map((line) => line.match(/^a=rtpmap:(\d+) (\S+)/));
  return new Map(
    maps.flatMap((map) =>
      map ? [[Number(map[1]), (map[2] ?? '').toUpperCase().replace(/\/1$/, '')] as const] : [],
    ),
  );
}
