import { makeId, type RandomBytes, type SessionId } from '@sordino/core';
import { sameBytes } from '../card/digits.ts';

const SEPARATOR = '_secret_';
/** `ses_` and 26 characters, the separator, 30 more; anything much longer is not ours. */
const CHARACTERS_MAX = 128;

/** What the agent's page holds: rights on one session. Shown once, stored only as a hash. */
export function makeClientSecret(session: SessionId, random: RandomBytes): string {
  return `${session}_${makeId('secret', random)}`;
}

/** The session that a secret claims to be for; whether it is genuine is told by `fits`. */
export function sessionOfClientSecret(secret: string): SessionId | undefined {
  const at = secret.indexOf(SEPARATOR);
  return at > 0 && secret.length <= CHARACTERS_MAX ? (secret.slice(0, at) as SessionId) : undefined;
}

export function hashClientSecret(secret: string, sha256: (bytes: Uint8Array) => Uint8Array): string {
  return [...sha256(new TextEncoder().encode(secret))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

/** In constant time. */
export function fits(hash: string, stored: string): boolean {
  const encoder = new TextEncoder();
  return sameBytes(encoder.encode(hash), encoder.encode(stored));
}
