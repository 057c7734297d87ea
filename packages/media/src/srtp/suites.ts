/** What a suite of RFC 4568 §6.2, RFC 6188 or RFC 7714 consists of. */
export interface SrtpSuite {
  /** As `a=crypto` writes it. */
  readonly name: SrtpSuiteName;
  readonly cipher: 'counter_mode' | 'gcm';
  readonly keyBytes: 16 | 32;
  readonly saltBytes: 14 | 12;
  readonly rtpTagBytes: number;
  readonly rtcpTagBytes: number;
}

export type SrtpSuiteName =
  | 'AES_CM_128_HMAC_SHA1_80'
  | 'AES_CM_128_HMAC_SHA1_32'
  | 'AES_256_CM_HMAC_SHA1_80'
  | 'AEAD_AES_128_GCM'
  | 'AEAD_AES_256_GCM';

const COUNTER_MODE = { cipher: 'counter_mode', saltBytes: 14, rtcpTagBytes: 10 } as const;
const GCM = { cipher: 'gcm', saltBytes: 12, rtpTagBytes: 16, rtcpTagBytes: 16 } as const;

/** In the order in which we prefer them: the stronger cipher first, the short tag last. */
export const SRTP_SUITES: readonly SrtpSuite[] = [
  { name: 'AEAD_AES_256_GCM', keyBytes: 32, ...GCM },
  { name: 'AEAD_AES_128_GCM', keyBytes: 16, ...GCM },
  { name: 'AES_256_CM_HMAC_SHA1_80', keyBytes: 32, rtpTagBytes: 10, ...COUNTER_MODE },
  { name: 'AES_CM_128_HMAC_SHA1_80', keyBytes: 16, rtpTagBytes: 10, ...COUNTER_MODE },
  // RFC 4568 §6.2.2: only the tag of RTP is short; that of RTCP stays at 80 bits.
  { name: 'AES_CM_128_HMAC_SHA1_32', keyBytes: 16, rtpTagBytes: 4, ...COUNTER_MODE },
];

export function srtpSuite(name: string): SrtpSuite | undefined {
  return SRTP_SUITES.find((suite) => suite.name === name);
}
