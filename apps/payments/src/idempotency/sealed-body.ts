import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * An answer may hold a client secret, and the store keeps those only as hashes. So the remembered answer is encrypted
 * (AES-256-GCM) under a key made from what only the client has and sends again with a repeat: its credential and its
 * Idempotency-Key. Neither is stored.
 */
export function sealBody(body: string, credential: string, key: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(credential, key), iv);
  const sealed = Buffer.concat([cipher.update(body, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** undefined when it was sealed with another credential. */
export function openBody(sealed: string, credential: string, key: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', keyOf(credential, key), bytes.subarray(0, 12), {
      authTagLength: 16,
    });
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function keyOf(credential: string, key: string): Buffer {
  return Buffer.from(hkdfSync('sha256', credential, 'sordino idempotent answer', key, 32));
}
