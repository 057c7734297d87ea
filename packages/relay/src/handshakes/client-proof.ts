import {
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  timingSafeEqual,
  verify,
  X509Certificate,
} from 'node:crypto';

/** RFC 5246 §7.4.1.4.1, as our CertificateRequest lists them: hash SHA-256 (4) with RSA (1) or ECDSA (3). */
const SCHEMES: ReadonlyMap<number, 'rsa' | 'ec'> = new Map([
  [0x0401, 'rsa'],
  [0x0403, 'ec'],
]);

/** NIST SP 800-131A: less is broken or soon will be. */
const RSA_BITS_MIN = 2_048;

/** RFC 5246 §7.4.9. */
const VERIFY_DATA_BYTES = 12;

/** The first certificate, the client's own, of a Certificate message (RFC 5246 §7.4.6). Undefined: there is none. */
export function readCertificate(body: Buffer): X509Certificate | undefined {
  if (body.length < 6 || body.readUIntBE(0, 3) !== body.length - 3) return undefined;
  const end = 6 + body.readUIntBE(3, 3);
  if (end > body.length) return undefined;
  try {
    return new X509Certificate(body.subarray(6, end));
  } catch {
    return undefined;
  }
}

/**
 * The client has the private key of its certificate: its CertificateVerify signs all messages before it (RFC 5246 §7.4.8).
 * werift only writes this message to its log, so that whoever copied a certificate, which is public, passed for its owner.
 */
export function provesPossession(certificate: X509Certificate, body: Buffer, transcript: Buffer): boolean {
  if (body.length < 4 || body.readUInt16BE(2) !== body.length - 4) return false;
  const { publicKey } = certificate;
  const keyType = SCHEMES.get(body.readUInt16BE(0));
  if (keyType === undefined || publicKey.asymmetricKeyType !== keyType) return false;
  if (keyType === 'rsa' && (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) < RSA_BITS_MIN) return false;
  try {
    return verify('sha256', transcript, publicKey, body.subarray(4));
  } catch {
    return false;
  }
}

/** RFC 5246 §7.4.9: client and we saw the same handshake and have the same secret. werift does not look at this either. */
export function isFinished(verifyData: Buffer, masterSecret: Buffer, transcript: Buffer): boolean {
  const hash = createHash('sha256').update(transcript).digest();
  const expected = prf(masterSecret, 'client finished', hash, VERIFY_DATA_BYTES);
  return verifyData.length === expected.length && timingSafeEqual(verifyData, expected);
}

const X25519_BYTES = 32;
/** RFC 8410 §4: the head of a SubjectPublicKeyInfo with an X25519 key. */
const X25519_SPKI_HEAD = Buffer.from('302a300506032b656e032100', 'hex');

/**
 * RFC 7748 §6.1: a point of small order makes a secret that everybody knows; OpenSSL refuses it, werift's curve does not.
 * A key of another length is one of P-256, which werift's library checks to be on the curve.
 */
export function isContributory(clientKeyExchange: Buffer): boolean {
  if (clientKeyExchange.length !== 1 + X25519_BYTES) return true;
  const publicKey = createPublicKey({
    key: Buffer.concat([X25519_SPKI_HEAD, clientKeyExchange.subarray(1)]),
    format: 'der',
    type: 'spki',
  });
  try {
    diffieHellman({ privateKey: generateKeyPairSync('x25519').privateKey, publicKey });
    return true;
  } catch {
    return false;
  }
}

/** RFC 5246 §5: P_SHA256. */
function prf(secret: Buffer, label: string, seed: Buffer, bytes: number): Buffer {
  const labelled = Buffer.concat([Buffer.from(label), seed]);
  const hmac = (data: Buffer): Buffer => createHmac('sha256', secret).update(data).digest();
  const blocks: Buffer[] = [];
  for (let a = hmac(labelled), made = 0; made < bytes; a = hmac(a), made += 32)
    blocks.push(hmac(Buffer.concat([a, labelled])));
  return Buffer.concat(blocks).subarray(0, bytes);
}
