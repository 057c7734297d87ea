import { createHash } from 'node:crypto';
import type { RandomBytes } from '@sordino/core';

/** As `makeId`: Crockford's base32 in lower case. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const RANDOM_BYTES = 32;
/** 30 bits: of a thousand million mistyped keys one gets as far as a lookup, and is not found there. */
const CHECKSUM_CHARACTERS = 6;

const KEY = /^(sk_(?:test|live)_[0-9a-hjkmnp-tv-z]{52})([0-9a-hjkmnp-tv-z]{6})$/;

/**
 * `sk_test_…` or `sk_live_…`: 32 random bytes, then six characters that are made from all the others. So a mistyped key costs no lookup,
 * and who scans logs and repositories for lost keys finds them without false alarms. Show it once and store `hashCredential` of it.
 */
export function makeApiKey(livemode: boolean, random: RandomBytes): string {
  const body = `${livemode ? 'sk_live' : 'sk_test'}_${base32(random(RANDOM_BYTES))}`;
  return body + checksumOf(body);
}

/** Whether `text` can be a key that was made here. */
export function isApiKey(text: string): boolean {
  const [, body = '', checksum] = KEY.exec(text) ?? [];
  return checksum !== undefined && checksum === checksumOf(body);
}

/** A plain hash is right here: the keys are random, there is nothing to guess. */
export function hashCredential(credential: string): string {
  return createHash('sha256').update(credential).digest('hex');
}

function checksumOf(body: string): string {
  return base32(createHash('sha256').update(body).digest()).slice(0, CHECKSUM_CHARACTERS);
}

function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(held >> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET[(held << (5 - bits)) & 31];
}
