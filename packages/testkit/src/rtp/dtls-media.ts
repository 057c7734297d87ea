import type { RemoteInfo } from 'node:dgram';
import type { DtlsEnd, DtlsIdentity, DtlsOutcome } from '@sordino/relay/testing';
import { RtpPacket, SrtcpSession, SrtpSession } from 'werift-rtp';
import {
  type DtlsSetup,
  intercept,
  orUndefined,
  type RawSocket,
  type SdpDtls,
  type SdpSecurity,
  type SecureMedia,
  type SocketPair,
} from './secure-media.ts';
import type { HostPort } from './udp-pair.ts';

/** How a forger tries it. `other_certificate`: not the one of its SDP. `copied_certificate`: that one, without its key. */
export type DtlsForgery = 'other_certificate' | 'copied_certificate';

/** RFC 6347 §4.2.4.1 has 1 s, browsers repeat their hello sooner: the peer may not yet know that we are to come. */
const HELLO_REPEAT_MS = 50;
const HELLO_REPEATS_MAX = 100;

const RECORD_HEADER_BYTES = 13;
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const HELLO_VERIFY_REQUEST = 3;

/** A message that begins a handshake, hello or answer to it: where things stand in a record of epoch 0 (RFC 6347 §4.1, §4.2.2). */
const begins = (datagram: Buffer, type: number): boolean =>
  datagram.length > 19 &&
  datagram[0] === HANDSHAKE &&
  datagram.readUInt16BE(3) === 0 &&
  datagram[13] === type &&
  datagram.readUInt16BE(17) === 0;

/** RFC 7983 §7, RFC 5761 §4. */
const isDtls = (datagram: Buffer): boolean => (datagram[0] ?? 0) >= 20 && (datagram[0] ?? 0) <= 63;
const isRtcp = (packet: Buffer): boolean => (packet[1] ?? 0) >= 192 && (packet[1] ?? 0) <= 223;

interface Sessions {
  readonly rtp: SrtpSession;
  readonly rtcp: SrtcpSession;
}

/** The next handshake of this pair alone is somebody else's. */
export function forgeNextHandshake(media: SecureMedia | undefined, forgery: DtlsForgery): void {
  if (!(media instanceof DtlsMedia)) throw new Error('only who speaks DTLS-SRTP shakes hands');
  media.forgeNext(forgery);
}

/**
 * DTLS-SRTP of one port pair of the outside world: werift shakes hands and encrypts, RTCP goes where RTP goes (RFC 5764, RFC 5761). One
 * certificate for life; another peer certificate in the SDP is another association (RFC 8842 §3.1).
 */
export class DtlsMedia implements SecureMedia {
  readonly #testing: typeof import('@sordino/relay/testing');
  readonly #identity: DtlsIdentity;
  readonly #setup: DtlsSetup;
  readonly #raw: RawSocket;
  readonly #rawRtcp: RawSocket;
  #peer: SdpDtls | undefined;
  #to: HostPort | undefined;
  #end: DtlsEnd | undefined;
  #hello: NodeJS.Timeout | undefined;
  #now: Sessions | undefined;
  /** Under the keys before: the old path trickles on until the new one is up. */
  #before: Sessions | undefined;
  /** The first message of the handshake that came from the peer. */
  #beginning: Buffer | undefined;
  #forgery: DtlsForgery | undefined;
  readonly #strange: DtlsIdentity;

  private constructor(
    { rtp, rtcp }: SocketPair,
    parts: {
      readonly testing: typeof import('@sordino/relay/testing');
      readonly identity: DtlsIdentity;
      readonly strange: DtlsIdentity;
      readonly setup: DtlsSetup;
    },
  ) {
    this.#testing = parts.testing;
    this.#identity = parts.identity;
    this.#strange = parts.strange;
    this.#setup = parts.setup;
    this.#raw = intercept(rtp, {
      sent: (packet) => this.#sealRtp(packet),
      heard: (datagram, rest) => this.#heard(datagram, rest),
    });
    this.#rawRtcp = intercept(rtcp, {
      sent: (packet) => {
        const sealed = this.#now?.rtcp.encrypt(packet);
        if (sealed !== undefined) this.#send(sealed);
        return undefined;
      },
      heard: () => undefined,
    });
  }

  /** `setup`: our role, as our descriptions have it. */
  static async on(sockets: SocketPair, setup: DtlsSetup): Promise<DtlsMedia> {
    // Only who speaks it waits for werift to load.
    const testing = await import('@sordino/relay/testing');
    const [identity, strange] = await Promise.all([testing.createIdentity(), testing.createIdentity()]);
    return new DtlsMedia(sockets, { testing, identity, strange, setup });
  }

  describe(): SdpDtls {
    return { kind: 'dtls', fingerprint: this.#identity.fingerprint.digest, setup: this.#setup };
  }

  agree(peer: SdpSecurity, rtp: HostPort): void {
    if (peer.kind !== 'dtls') return;
    this.#to = rtp;
    const isSame = this.#peer?.fingerprint === peer.fingerprint;
    this.#peer = peer;
    if (!isSame && this.#setup !== 'passive') this.#begin('client');
  }

  forgeNext(forgery: DtlsForgery): void {
    this.#forgery = forgery;
  }

  close(): void {
    clearInterval(this.#hello);
    this.#end?.[Symbol.dispose]();
    this.#end = undefined;
  }

  /** The keys come with it: until then nothing is sent. */
  #begin(role: 'client' | 'server'): DtlsEnd {
    this.close();
    this.#before = this.#now ?? this.#before;
    this.#now = undefined;
    const forgery = this.#forgery;
    this.#forgery = undefined;
    const { DtlsEnd } = this.#testing;
    const flight: Buffer[] = [];
    const end: DtlsEnd = new DtlsEnd({
      role,
      identity: forgery === 'other_certificate' ? this.#strange : this.#identity,
      signsWith: forgery === 'copied_certificate' ? this.#strange : undefined,
      send: (datagram) => {
        if (this.#end !== end) return;
        flight.push(datagram);
        this.#send(datagram);
      },
      connected: (outcome) => this.#end === end && this.#connected(outcome),
    });
    this.#end = end;
    if (role === 'client') this.#repeat(flight);
    return end;
  }

  /** Until anything comes back. */
  #repeat(flight: readonly Buffer[]): void {
    let repeats = 0;
    this.#hello = setInterval(() => {
      repeats += 1;
      if (repeats > HELLO_REPEATS_MAX) clearInterval(this.#hello);
      else for (const datagram of flight.slice(0, 1)) this.#send(datagram);
    }, HELLO_REPEAT_MS);
  }

  #connected({ profile, keys, peer }: DtlsOutcome): void {
    // RFC 5763 §5: who shows another certificate than the SDP said is nobody.
    if (peer?.digest !== this.#peer?.fingerprint) return;
    const config = { profile, keys } as const;
    this.#now = { rtp: new SrtpSession(config), rtcp: new SrtcpSession(config) };
  }

  #heard(datagram: Buffer, rest: readonly unknown[]): Buffer | undefined {
    if (isDtls(datagram)) {
      if (!this.#isPeer(rest[0])) return undefined;
      clearInterval(this.#hello);
      this.#shake(datagram);
      return undefined;
    }
    if (!isRtcp(datagram)) return this.#open('rtp', datagram);
    const plain = this.#open('rtcp', datagram);
    if (plain !== undefined) this.#rawRtcp.hand(plain, ...rest);
    return undefined;
  }

  /** Who was our peer may still be repeating itself. */
  #isPeer(from: unknown): boolean {
    const { address, port } = from as RemoteInfo;
    return address === this.#to?.host && port === this.#to.port;
  }

  /** werift takes a repeated beginning for another one. */
  #shake(datagram: Buffer): void {
    const isBeginning = begins(datagram, CLIENT_HELLO) || begins(datagram, HELLO_VERIFY_REQUEST);
    if (isBeginning && this.#beginning?.equals(datagram.subarray(RECORD_HEADER_BYTES))) return;
    // RFC 6347 §4.2.8: a client may begin anew.
    if (this.#setup === 'passive' && isBeginning) this.#begin('server');
    if (isBeginning) this.#beginning = Buffer.from(datagram.subarray(RECORD_HEADER_BYTES));
    this.#end?.receive(datagram);
  }

  #sealRtp(packet: Buffer): Buffer | undefined {
    const { header, payload } = RtpPacket.deSerialize(packet);
    return this.#now?.rtp.encrypt(payload, header);
  }

  #open(kind: 'rtp' | 'rtcp', packet: Buffer): Buffer | undefined {
    return (
      orUndefined(() => this.#now?.[kind].decrypt(packet)) ??
      orUndefined(() => this.#before?.[kind].decrypt(packet))
    );
  }

  /** To the one address that media has. A peer that is gone answers with ICMP at most. */
  #send(datagram: Buffer): void {
    const to = this.#to;
    if (to === undefined) return;
    try {
      this.#raw.send(datagram, to.port, to.host, () => undefined);
    } catch {
      // The pair was closed.
    }
  }
}
