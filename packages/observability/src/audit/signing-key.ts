import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PRIVATE = 'audit-signing-key.pem';
/** For whoever verifies. Copied away from this machine it also proves that the key was not changed. */
const PUBLIC = 'audit-public-key.pem';
const OWNER_ONLY = 0o600;

/** The Ed25519 key of the trail in `directory`; made the first time. */
export function openSigningKey(directory: string): KeyObject {
  const file = join(directory, PRIVATE);
  try {
    return createPrivateKey(readFileSync(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new Error(`${file} cannot be used as the signing key of the audit trail`);
  }
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  // 'wx': two processes must not each make a key and sign with different ones.
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: OWNER_ONLY, flag: 'wx' });
  writeFileSync(join(directory, PUBLIC), publicKey.export({ type: 'spki', format: 'pem' }));
  return privateKey;
}

/** The key beside the trail unless another file is named. */
export const readPublicKey = (directory: string, file?: string): KeyObject =>
  createPublicKey(readFileSync(file ?? join(directory, PUBLIC)));
