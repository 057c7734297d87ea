import type { Result } from '@sordino/core';
import type { SrtpKeys } from '@sordino/media';
import type { MediaCrypto } from '../platform/profile.ts';
import type { SdpText } from './sip-calls.ts';

/** An address as it stands in SDP or on a socket. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `L16/…` by its rate; Opus is always `opus/48000/2` in SDP, and mono here (RFC 7587). */
export type AudioCodec = 'PCMU' | 'PCMA' | 'G722' | 'L16/8000' | 'L16/16000' | 'opus';

/** RFC 8122 §5: the hash of a certificate. SHA-1 and MD5 can be forged and are no identity. */
export interface Fingerprint {
  readonly algorithm: 'sha-256' | 'sha-384' | 'sha-512';
  /** Hexadecimal octets with colons. */
  readonly digest: string;
}

/** RFC 8445 §5.3. */
export interface IceCredentials {
  readonly ufrag: string;
  readonly password: string;
}

/** Our own end of a leg with DTLS-SRTP: always `a=setup:passive` and `a=ice-lite`, RTP and RTCP on one port. */
export interface LocalDtls {
  readonly fingerprint: Fingerprint;
  readonly ice: IceCredentials;
}

/** What a peer with DTLS-SRTP says of itself. */
export interface PeerDtls {
  /** At least one; who connects must have a certificate with one of them. */
  readonly fingerprints: readonly Fingerprint[];
  /** Undefined: no ICE; the peer is where its SDP says. */
  readonly iceUfrag: string | undefined;
}

/** The master keys of one side (RFC 4568). Secrets: never logged or traced, and zeroed when others take their place. */
export interface SrtpPair {
  /** What we send with. */
  readonly local: SrtpKeys;
  /** What the peer sends with. */
  readonly remote: SrtpKeys;
}

/** What one side of a bridge sends and takes, as negotiated. */
export interface MediaDescription {
  /** Where the peer wants its RTP and RTCP (RFC 3605 `a=rtcp`, else port + 1). */
  readonly rtp: HostPort;
  readonly rtcp: HostPort;
  readonly codec: AudioCodec;
  readonly audioPayloadType: number;
  /** RFC 4733 telephone-event at 8000 Hz; undefined where not negotiated. */
  readonly eventPayloadType: number | undefined;
  readonly packetTimeMs: number;
  /** As the peer wrote it: `inactive` and `sendonly` are holds. */
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  /** DTLS-SRTP was negotiated: nothing in the clear is taken or sent. */
  readonly dtls?: PeerDtls;
  /** Undefined: RTP in the clear. A side that had keys never goes without again. */
  readonly srtp?: SrtpPair | undefined;
}

/** Our own end of a media line. */
export interface LocalMedia {
  readonly rtp: HostPort;
  readonly rtcp: HostPort;
  /** Codecs we can take here, best first. */
  readonly codecs: readonly AudioCodec[];
  /** False on leg 7: no telephone-event is ever offered or accepted there (rule 3). */
  readonly telephoneEvents: boolean;
  /** With crypto `dtls`: what the bridge made for this leg. */
  readonly dtls?: LocalDtls;
  readonly crypto: MediaCrypto;
}

/** State of one session description over its life: id and version of `o=` (RFC 3264 §8), payload types as first used. */
export interface SdpSide {
  /** An offer from us. The version stays when nothing changed since the last description. */
  offer(local: LocalMedia): SdpText;
  /** Our answer to the peer's offer. Refused, each with 488: `no_common_codec`, `no_common_crypto`, or `malformed` with the line that is wrong. */
  answer(
    offer: SdpText,
    local: LocalMedia,
  ): Result<{ readonly sdp: SdpText; readonly peer: MediaDescription }, SdpProblem>;
  /** Reads the peer's answer to our last offer. */
  readAnswer(answer: SdpText): Result<MediaDescription, SdpProblem>;
}

export interface SdpProblem {
  readonly code: 'no_common_codec' | 'no_common_crypto' | 'malformed' | 'no_audio';
  readonly message: string;
}

export interface SdpNegotiator {
  side(): SdpSide;
}
