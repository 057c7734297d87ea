import { randomBytes } from 'node:crypto';
import type { SrtpPair } from '@sordino/interception';
import { RtpPacket, SrtpSession } from 'werift-rtp';
import type { LegSuite } from '../plan/call-plan.ts';

/** RFC 5764 §4.1.2 and RFC 7714 §14.2: werift's numbers for them; octets of their salts (their keys have 16). */
const SUITES: Readonly<Record<LegSuite, { readonly profile: 0x0001 | 0x0007; readonly saltBytes: number }>> =
  {
    AES_CM_128_HMAC_SHA1_80: { profile: 0x0001, saltBytes: 14 },
    AEAD_AES_128_GCM: { profile: 0x0007, saltBytes: 12 },
  };
const KEY_BYTES = 16;

/** A phone's end of SRTP by werift, with keys of its own; the relay gets `keys`, and may wipe them. */
export class PhoneSrtp {
  readonly keys: SrtpPair;
  readonly #session: SrtpSession;

  constructor(suite: LegSuite) {
    const { profile, saltBytes } = SUITES[suite];
    const [local, remote] = [randomBytes(KEY_BYTES + saltBytes), randomBytes(KEY_BYTES + saltBytes)];
    this.#session = new SrtpSession({
      profile,
      keys: {
        localMasterKey: remote.subarray(0, KEY_BYTES),
        localMasterSalt: remote.subarray(KEY_BYTES),
        remoteMasterKey: local.subarray(0, KEY_BYTES),
        remoteMasterSalt: local.subarray(KEY_BYTES),
      },
    });
    const ofRelay = (bytes: Buffer): SrtpPair['local'] => ({
      suite,
      masterKey: Uint8Array.from(bytes.subarray(0, KEY_BYTES)),
      masterSalt: Uint8Array.from(bytes.subarray(KEY_BYTES)),
    });
    this.keys = { local: ofRelay(local), remote: ofRelay(remote) };
  }

  seal(packet: Buffer): Buffer {
    const { header, payload } = RtpPacket.deSerialize(packet);
    return this.#session.encrypt(payload, header);
  }

  /** Undefined: not encrypted with these keys. */
  open(packet: Buffer): Buffer | undefined {
    try {
      return this.#session.decrypt(packet);
    } catch {
      return undefined;
    }
  }
}
