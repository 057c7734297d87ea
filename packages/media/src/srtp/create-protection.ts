import { CounterModeRtcp, CounterModeRtp } from './counter-mode.ts';
import { GcmRtcp, GcmRtp } from './gcm.ts';
import type { RtcpProtection, RtpProtection } from './protection.ts';
import { deriveSessionKeys, type SessionKeys, wipeSessionKeys } from './session-keys.ts';
import type { CreateAes, SrtpKeys } from './srtp.ts';
import type { SrtpSuite } from './suites.ts';

export interface Protections {
  readonly rtp: RtpProtection;
  readonly rtcp: RtcpProtection;
}

/** From the master key; the session keys live in the protections alone afterwards. */
export function createProtections(keys: SrtpKeys, createAes: CreateAes): Protections {
  const { suite, rtp, rtcp } = deriveSessionKeys(keys, createAes);
  try {
    return {
      rtp: createRtpProtection(suite, rtp, createAes),
      rtcp: createRtcpProtection(suite, rtcp, createAes),
    };
  } finally {
    wipeSessionKeys(rtp);
    wipeSessionKeys(rtcp);
  }
}

export function createRtpProtection(
  suite: SrtpSuite,
  keys: SessionKeys,
  createAes: CreateAes,
): RtpProtection {
  return suite.cipher === 'gcm'
    ? new GcmRtp(keys, createAes)
    : new CounterModeRtp(keys, suite.rtpTagBytes, createAes);
}

export function createRtcpProtection(
  suite: SrtpSuite,
  keys: SessionKeys,
  createAes: CreateAes,
): RtcpProtection {
  return suite.cipher === 'gcm'
    ? new GcmRtcp(keys, createAes)
    : new CounterModeRtcp(keys, suite.rtcpTagBytes, createAes);
}
