import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT_TOKEN_SECRET_BYTES, type KeyShelf, openFileKeyShelf } from '@sordino/app-payments';
import type { Config } from '../config/schema.ts';

const OWNER_ONLY = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;

export const apiKeyDirectory = (store: Config['store']): string => join(store.directory, 'api-keys');

/** Whether somebody has made a key already: then none is made for this run. */
export const hasStoredKeys = (store: Config['store']): boolean =>
  store.kind !== 'memory' && (openFileKeyShelf(apiKeyDirectory(store)).changed() ?? []).length > 0;

/** What of credentials outlives the process. With the memory store nothing does: API keys and agents' tokens end with it too. */
export function credentialsOf(
  store: Config['store'],
): { readonly keyShelf: KeyShelf; readonly agentTokenSecret: Uint8Array } | undefined {
  if (store.kind === 'memory') return undefined;
  return {
    keyShelf: openFileKeyShelf(apiKeyDirectory(store)),
    agentTokenSecret: openSecret(store.directory, 'agent-token.key'),
  };
}

/** Made once. Throws where it is there and is none: another one in its place would end every agent's token without a word. */
function openSecret(directory: string, name: string): Uint8Array {
  mkdirSync(directory, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
  const path = join(directory, name);
  let secret: Uint8Array;
  try {
    secret = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return makeSecret(path);
  }
  if (secret.length === AGENT_TOKEN_SECRET_BYTES) return secret;
  throw new Error(
    `${path} must hold ${AGENT_TOKEN_SECRET_BYTES} bytes: delete it to end every agent's token and begin anew`,
  );
}

/** Whole or not at all, whenever the machine stops. */
function makeSecret(path: string): Uint8Array {
  const secret = randomBytes(AGENT_TOKEN_SECRET_BYTES);
  const descriptor = openSync(`${path}.draft`, 'w', OWNER_ONLY);
  try {
    writeSync(descriptor, secret);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(`${path}.draft`, path);
  return secret;
}
