import { randomBytes } from 'node:crypto';
import { RtpPacket, SrtcpSession, SrtpSession } from 'werift-rtp';
import {
  intercept,
  orUndefined,
  type SdpCrypto,
  type SdpSecurity,
  type SecureMedia,
  type SocketPair,
} from './secure-media.ts';

/** The one suite that the simulated world speaks; everybody has it. */
export const SDES_SUITE = 'AES_CM_128_HMAC_SHA1_80';
/** RFC 5764 §4.1.2: werift's number for it. */
const PROFILE = 0x0001;
const KEY_BYTES = 16;
const MASTER_BYTES = 30;

/**
 * SRTP of one port pair of the outside world, by werift: a second opinion on the product's own. We keep our key until `renew`, so that
 * whoever is told of it later can listen; the peer's follows its SDP.
 */
export class SdesMedia implements SecureMedia {
  #key = randomBytes(MASTER_BYTES);
  #sender = sessionsWith(this.#key, this.#key);
  #receiver: ReturnType<typeof sessionsWith> | undefined;
  /** Under the key before: the old path trickles on until the new one is up. */
  #before: ReturnType<typeof sessionsWith> | undefined;
  #peerKey: string | undefined;
  #tag = 1;

  constructor({ rtp, rtcp }: SocketPair) {
    intercept(rtp, {
      sent: (packet) => {
        const { header, payload } = RtpPacket.deSerialize(packet);
        return this.#sender.rtp.encrypt(payload, header);
      },
      heard: (packet) => this.#open('rtp', packet),
    });
    intercept(rtcp, {
      sent: (packet) => this.#sender.rtcp.encrypt(packet),
      heard: (packet) => this.#open('rtcp', packet),
    });
  }

  /** RFC 4568 §5.1.2: an answer has the tag of the line it takes. */
  describe(): SdpCrypto {
    return { kind: 'sdes', tag: this.#tag, key: this.#key.toString('base64') };
  }

  /** From now on we send with another key. */
  renew(): void {
    this.#key = randomBytes(MASTER_BYTES);
    this.#sender = sessionsWith(this.#key, this.#key);
  }

  /** What comes in now is the peer's. A peer that says the same again goes on. */
  agree(peer: SdpSecurity): void {
    if (peer.kind !== 'sdes') return;
    const { tag, key } = peer;
    this.#tag = tag;
    if (key === this.#peerKey) return;
    this.#peerKey = key;
    this.#before = this.#receiver;
    this.#receiver = sessionsWith(this.#key, Buffer.from(key, 'base64'));
  }

  close(): void {}

  #open(kind: 'rtp' | 'rtcp', packet: Buffer): Buffer | undefined {
    const [now, before] = [this.#receiver, this.#before];
    return (
      orUndefined(() => now?.[kind].decrypt(packet)) ?? orUndefined(() => before?.[kind].decrypt(packet))
    );
  }
}

function sessionsWith(local: Buffer, remote: Buffer): { rtp: SrtpSession; rtcp: SrtcpSession } {
  const keys = {
    localMasterKey: local.subarray(0, KEY_BYTES),
    localMasterSalt: local.subarray(KEY_BYTES),
    remoteMasterKey: remote.subarray(0, KEY_BYTES),
    remoteMasterSalt: remote.subarray(KEY_BYTES),
  };
  return {
    rtp: new SrtpSession({ profile: PROFILE, keys }),
    rtcp: new SrtcpSession({ profile: PROFILE, keys }),
  };
}
