import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionServiceDeps } from '@sordino/payments';
import type { Config } from '../config/schema.ts';
import type { ReadSecret } from '../secrets/provider.ts';
import { hmac } from './hashes.ts';

/** As long as the hash: a card number has 50 bits at most, so that all of the secrecy is in the key. */
const KEY_BYTES = 32;
const KEY_FILE = 'card-tag.key';
/** For this user only. */
const KEY_FILE_MODE = 0o600;

/**
 * Tags of cards, by the key of the configuration or by one that is made once and kept beside the journal: another key, and the cards of charges whose
 * outcome is not known are not recognised any more. The store's directory must exist.
 */
export async function cardTagger(
  store: Config['store'],
  readSecret: ReadSecret,
): Promise<SessionServiceDeps['tagCard']> {
  const key = await keyOf(store, readSecret);
  return (scope, number) => hmac('sha256', key, scope, number);
}

async function keyOf(
  { kind, directory, card_tag_key: reference }: Config['store'],
  readSecret: ReadSecret,
): Promise<Uint8Array> {
  if (reference !== undefined)
    return longEnough(await readSecret(reference, 'store.card_tag_key'), 'store.card_tag_key');
  if (kind === 'memory') return randomBytes(KEY_BYTES);
  const path = join(directory, KEY_FILE);
  return readKey(path) ?? makeKey(path);
}

function readKey(path: string): Uint8Array | undefined {
  try {
    return longEnough(readFileSync(path), path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** On disk before it is used: what was tagged by a key that is lost is never recognised again. */
function makeKey(path: string): Uint8Array {
  const key = randomBytes(KEY_BYTES);
  const file = openSync(path, 'wx', KEY_FILE_MODE);
  try {
    writeSync(file, key);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return key;
}

function longEnough(key: Uint8Array, where: string): Uint8Array {
  if (key.length < KEY_BYTES)
    throw new Error(`${where} must hold at least ${KEY_BYTES} random bytes: it is the key of the card tags`);
  return key;
}
