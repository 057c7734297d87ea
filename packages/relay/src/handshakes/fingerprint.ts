import { createHash } from 'node:crypto';

/** RFC 8122 §5: what `a=fingerprint` says of a certificate. */
export interface Fingerprint {
  readonly algorithm: FingerprintAlgorithm;
  readonly digest: string;
}

/** RFC 8122 §5 demands SHA-256; SHA-1 and MD5 can be forged and count for nothing. */
export type FingerprintAlgorithm = 'sha-256' | 'sha-384' | 'sha-512';

/** Upper-case hexadecimal bytes with colons. */
export function fingerprintOf(
  certificate: Uint8Array,
  algorithm: FingerprintAlgorithm = 'sha-256',
): Fingerprint {
  const hex = createHash(algorithm.replace('-', '')).update(certificate).digest('hex').toUpperCase();
  return { algorithm, digest: hex.replace(/(..)(?!$)/g, '$1:') };
}

/** RFC 8122 §5: one match is enough; no fingerprint is no identity. */
export function isOneOf(certificate: Uint8Array, signalled: readonly Fingerprint[]): boolean {
  return signalled.some(
    ({ algorithm, digest }) => fingerprintOf(certificate, algorithm).digest === digest.toUpperCase(),
  );
}
