import { ok, type Result, refuse } from '@sordino/core';
import type { Fingerprint, HostPort, LocalDtls, PeerDtls } from '@sordino/interception';
import type { MediaDescription as LibraryMedia } from 'sdp-transform';

export interface Attribute {
  readonly name: string;
  readonly value: string;
}

/** RFC 5764 §8 with and without feedback messages; we send none, which both allow. */
export const DTLS_PROTOCOLS = ['UDP/TLS/RTP/SAVPF', 'UDP/TLS/RTP/SAVP'] as const;
export type DtlsProtocol = (typeof DTLS_PROTOCOLS)[number];

export const isDtlsProtocol = (protocol: string): protocol is DtlsProtocol =>
  (DTLS_PROTOCOLS as readonly string[]).includes(protocol);

/** Attributes of a media line that may also stand once for all of them, at the head of the description. */
const DTLS_ATTRIBUTES: readonly string[] = [
  'fingerprint',
  'setup',
  'ice-ufrag',
  'ice-pwd',
  'ice-lite',
  'rtcp-mux',
];

export const isDtlsAttribute = (name: string): boolean => DTLS_ATTRIBUTES.includes(name);

/** What a media line says itself, and of the rest what the session says for all lines (RFC 8866 §6.7, RFC 8122 §5). */
export function inherited(own: readonly Attribute[], session: readonly Attribute[]): Attribute[] {
  return [...own, ...session.filter(({ name }) => !own.some((attribute) => attribute.name === name))];
}

const DIGEST_OCTETS: ReadonlyMap<string, number> = new Map([
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
]);

/** RFC 8839 §5.4: ice-char, 4 to 256 of the ufrag and 22 to 256 of the password. */
const UFRAG = /^[A-Za-z0-9+/]{4,256}$/;
const PASSWORD = /^[A-Za-z0-9+/]{22,256}$/;

/**
 * What a peer says of its DTLS-SRTP. Refused is what cannot be secured: an identity that can be forged or is missing, and a
 * peer that does not come to us, for we are a server and nothing else: half the code that has to be right.
 */
export function readPeerDtls(attributes: readonly Attribute[]): Result<PeerDtls, string> {
  const one = (name: string): string | undefined =>
    attributes.find((attribute) => attribute.name === name)?.value.trim();
  const fingerprints = attributes.flatMap(({ name, value }) =>
    name === 'fingerprint' ? readFingerprint(value) : [],
  );
  if (fingerprints.length === 0)
    return refuse('DTLS-SRTP needs an a=fingerprint with sha-256, sha-384 or sha-512');
  const setup = one('setup')?.toLowerCase();
  if (setup !== 'active' && setup !== 'actpass')
    return refuse('DTLS-SRTP needs a=setup:actpass or active: this server is the passive side');
  if (one('rtcp-mux') === undefined)
    return refuse('DTLS-SRTP needs a=rtcp-mux: RTP and RTCP share one association');
  const [ufrag, password] = [one('ice-ufrag'), one('ice-pwd')];
  if (ufrag === undefined && password === undefined) return ok({ fingerprints, iceUfrag: undefined });
  if (!UFRAG.test(ufrag ?? '') || !PASSWORD.test(password ?? ''))
    return refuse('a=ice-ufrag or a=ice-pwd is missing or malformed');
  if (one('ice-lite') !== undefined)
    return refuse('both sides are ICE lite, and nobody would check; offer without ICE instead');
  return ok({ fingerprints, iceUfrag: ufrag });
}

function readFingerprint(value: string): Fingerprint[] {
  const [algorithm = '', digest = ''] = value.trim().split(/ +/);
  const name = algorithm.toLowerCase();
  const octets = DIGEST_OCTETS.get(name);
  if (octets === undefined || !/^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})*$/.test(digest)) return [];
  if (digest.length !== octets * 3 - 1) return [];
  return [{ algorithm: name as Fingerprint['algorithm'], digest }];
}

/** RFC 8445 §5.1.2.1: the only candidate, of type host (126), one address family, component 1. */
const HOST_PRIORITY = 2_130_706_431;

/** Our side of it. Without ICE only where the peer's offer had none (RFC 8839 §4.2.2). */
export function writeDtls(
  { fingerprint, ice }: LocalDtls,
  rtp: HostPort,
  withIce: boolean,
): Partial<LibraryMedia> {
  const { algorithm: type, digest: hash } = fingerprint;
  const dtls = { fingerprint: { type, hash }, setup: 'passive', rtcpMux: 'rtcp-mux' } as const;
  if (!withIce) return dtls;
  const candidate = {
    foundation: '1',
    component: 1,
    transport: 'udp',
    priority: HOST_PRIORITY,
    ip: rtp.host,
    port: rtp.port,
    type: 'host',
  };
  return {
    ...dtls,
    iceUfrag: ice.ufrag,
    icePwd: ice.password,
    candidates: [candidate],
    endOfCandidates: 'end-of-candidates',
  };
}
