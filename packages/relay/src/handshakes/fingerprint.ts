import { createHash } from 'node:crypto';
import type { Fingerprint } from '@sordino/interception';

/** RFC 8122 §5: what `a=fingerprint` says of a certificate: upper-case hexadecimal octets with colons. */
export function fingerprintOf(
  certificate: Uint8Array,
  algorithm: Fingerprint['algorithm'] = 'sha-256',
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

/** The same text for the same set: RFC 8842 §3.1: another set of fingerprints is another association. */
export function textOf(fingerprints: readonly Fingerprint[]): string {
  return fingerprints
    .map(({ algorithm, digest }) => `${algorithm} ${digest.toUpperCase()}`)
    .sort()
    .join();
}
