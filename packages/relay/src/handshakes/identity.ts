import { randomBytes } from 'node:crypto';
import type { LocalDtls } from '@sordino/interception';
import { fingerprintOf } from './fingerprint.ts';

/** Who we are on one leg: a certificate and ICE credentials that no other leg has. */
export interface DtlsIdentity extends LocalDtls {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** RFC 8445 §5.3: at least 24 bits of ufrag and 128 of password. */
const UFRAG_BYTES = 6;
const PASSWORD_BYTES = 18;

/**
 * New for each leg (5 ms): two calls with one certificate could be told to be with the same relay, and a key that leaked would
 * open them all. werift's own default is one certificate for the life of the process.
 */
export async function createIdentity(): Promise<DtlsIdentity> {
  const { CipherContext, HashAlgorithm, NamedCurveAlgorithm, SignatureAlgorithm } = await import('werift');
  const { certPem, keyPem } = await CipherContext.createSelfSignedCertificateWithKey(
    { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 },
    NamedCurveAlgorithm.secp256r1_23,
  );
  const der = Buffer.from(certPem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  return {
    certificatePem: certPem,
    keyPem,
    fingerprint: fingerprintOf(der),
    // base64 has exactly the letters of ice-char; these lengths need no padding.
    ice: {
      ufrag: randomBytes(UFRAG_BYTES).toString('base64'),
      password: randomBytes(PASSWORD_BYTES).toString('base64'),
    },
  };
}
