import { createHash, timingSafeEqual } from 'node:crypto';
import { makeId, type RandomBytes } from '@sordino/core';

/** An API key as the configuration holds it: never the key itself. */
export interface ApiKeyRecord {
  /** For logs: which key it was. */
  readonly id: string;
  /** SHA-256 of the key, 64 hexadecimal digits; see `hashCredential`. */
  readonly sha256: string;
  readonly tenant: string;
  readonly livemode: boolean;
}

const SHA256_HEX = /^[0-9a-f]{64}$/;

/** `sk_test_…` or `sk_live_…` with 130 random bits. Show it once and store `hashCredential` of it. */
export function makeApiKey(livemode: boolean, random: RandomBytes): string {
  return makeId(livemode ? 'sk_live' : 'sk_test', random);
}

/** A plain hash is right here: the keys are random, there is nothing to guess. */
export function hashCredential(credential: string): string {
  return createHash('sha256').update(credential).digest('hex');
}

/** Finds the record of a presented key. Every key is compared, each in constant time, so that time tells nothing. */
export class ApiKeys {
  readonly #keys: readonly { readonly record: ApiKeyRecord; readonly hash: Buffer }[];

  /** Throws when a record's hash is none: a configuration that would lock everyone out, or hold a key in the clear. */
  constructor(records: readonly ApiKeyRecord[]) {
    this.#keys = records.map((record) => {
      if (!SHA256_HEX.test(record.sha256))
        throw new Error(
          `API key ${record.id}: sha256 must be 64 hexadecimal digits: the output of "printf %s KEY | sha256sum".`,
        );
      return { record, hash: Buffer.from(record.sha256, 'hex') };
    });
  }

  find(key: string): ApiKeyRecord | undefined {
    const presented = createHash('sha256').update(key).digest();
    let found: ApiKeyRecord | undefined;
    for (const { record, hash } of this.#keys) if (timingSafeEqual(hash, presented)) found = record;
    // A test key can never act in live mode, whatever the configuration says of its hash.
    return found && key.startsWith(found.livemode ? 'sk_live_' : 'sk_test_') ? found : undefined;
  }
}
