import { randomBytes } from 'node:crypto';
import type { SrtpPair } from '@sordino/interception';
import {
  createSrtpReceiver,
  createSrtpSender,
  DROPPED,
  SRTP_TRAILER_BYTES_MAX,
  type SrtpKeys,
  type SrtpSuiteName,
  srtpSuite,
} from '@sordino/media';
import { RtpPacket, SrtcpSession, SrtpSession } from 'werift-rtp';
import { createAes } from '../worker/aes.ts';

/** How a phone turns packets into those on the wire and back. Undefined: not ours. */
export interface PhoneSrtp {
  sealRtp(packet: Buffer): Buffer;
  openRtp(packet: Buffer): Buffer | undefined;
  sealRtcp(packet: Buffer): Buffer;
  openRtcp(packet: Buffer): Buffer | undefined;
}

function randomKeys(name: SrtpSuiteName): SrtpKeys {
  const suite = srtpSuite(name);
  if (suite === undefined) throw new Error(`no suite ${name}`);
  return {
    suite: name,
    masterKey: new Uint8Array(randomBytes(suite.keyBytes)),
    masterSalt: new Uint8Array(randomBytes(suite.saltBytes)),
  };
}

/** The keys of one side, as the relay gets them, in copies: the relay wipes its own. */
export function randomPair(name: SrtpSuiteName): SrtpPair {
  return { local: randomKeys(name), remote: randomKeys(name) };
}

/** The two suites that werift has: RFC 5764's profiles 1 and 7. */
const WERIFT_PROFILES = { AES_CM_128_HMAC_SHA1_80: 0x0001, AEAD_AES_128_GCM: 0x0007 } as const;

/** The phone's end by another implementation. */
export function weriftSrtp({ local, remote }: SrtpPair): PhoneSrtp {
  const profile = WERIFT_PROFILES[local.suite as keyof typeof WERIFT_PROFILES];
  const config = {
    profile,
    keys: {
      localMasterKey: Buffer.from(remote.masterKey),
      localMasterSalt: Buffer.from(remote.masterSalt),
      remoteMasterKey: Buffer.from(local.masterKey),
      remoteMasterSalt: Buffer.from(local.masterSalt),
    },
  };
  const [rtp, rtcp] = [new SrtpSession(config), new SrtcpSession(config)];
  const orUndefined = (open: () => Buffer): Buffer | undefined => {
    try {
      return open();
    } catch {
      return undefined;
    }
  };
  return {
    sealRtp: (packet) => {
      const { header, payload } = RtpPacket.deSerialize(packet);
      return rtp.encrypt(payload, header);
    },
    openRtp: (packet) => orUndefined(() => rtp.decrypt(packet)),
    sealRtcp: (packet) => rtcp.encrypt(packet),
    openRtcp: (packet) => orUndefined(() => rtcp.decrypt(packet)),
  };
}

/** The phone's end by our own contexts, for the suites that no library here has. */
export function ownSrtp({ local, remote }: SrtpPair): PhoneSrtp {
  const sender = createSrtpSender(remote, createAes);
  const receiver = createSrtpReceiver(local, createAes);
  const withRoom = (packet: Buffer): Buffer => Buffer.concat([packet, Buffer.alloc(SRTP_TRAILER_BYTES_MAX)]);
  const opened = (packet: Buffer, length: number): Buffer | undefined =>
    length === DROPPED ? undefined : packet.subarray(0, length);
  return {
    sealRtp: (packet) => {
      const buffer = withRoom(packet);
      return buffer.subarray(0, sender.protectRtp(buffer, packet.length));
    },
    openRtp: (packet) => {
      const copy = Buffer.from(packet);
      return opened(copy, receiver.unprotectRtp(copy, copy.length));
    },
    sealRtcp: (packet) => {
      const buffer = withRoom(packet);
      return buffer.subarray(0, sender.protectRtcp(buffer, packet.length));
    },
    openRtcp: (packet) => {
      const copy = Buffer.from(packet);
      return opened(copy, receiver.unprotectRtcp(copy, copy.length));
    },
  };
}
