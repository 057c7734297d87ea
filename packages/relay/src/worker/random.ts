import { randomBytes } from 'node:crypto';

/** SSRC, first sequence and first timestamp must not be predictable (RFC 3550 §5.1, §8.1). */
export function randomUint32(): number {
  return randomBytes(4).readUInt32BE();
}

/**
 * RFC 7022 §4.2: a CNAME of at least 96 random bits, which names no host and no user. Sixteen characters also keep the SDES
 * chunk off a multiple of four octets, where the library would leave out the null that ends the item list (RFC 3550 §6.5).
 */
export function randomCname(): string {
  return randomBytes(12).toString('base64');
}
