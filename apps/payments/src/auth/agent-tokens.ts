import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Clock } from '@sordino/core';
import type { Caller } from '@sordino/payments';
import type { ApiKeyRecord } from './keys/key-record.ts';
import type { AgentGrant } from './principal.ts';

const PREFIX = 'agt_';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What a token says, to us alone. */
interface Sealed {
  readonly caller: Caller;
  readonly grant: AgentGrant;
  /** SHA-256 of the API key that minted it. */
  readonly by: string;
}

/**
 * Tokens of agents' pages. A token is what it grants, sealed (AES-256-GCM) under a key of ours: nothing is kept of it, so tokens cannot be too
 * many, outlive a restart as long as the key does, and end with the API key that minted them. 96 random bits as the nonce are enough for
 * 2^32 tokens (NIST SP 800-38D §8.3): 136 years at one a second.
 */
export class AgentTokens {
  readonly #clock: Clock;
  readonly #key: Buffer;
  readonly #isKeyActive: (sha256: string) => boolean;

  constructor(clock: Clock, secret: Uint8Array, isKeyActive: (sha256: string) => boolean) {
    this.#clock = clock;
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', 'sordino agent token', 32));
    this.#isKeyActive = isKeyActive;
  }

  mint(by: ApiKeyRecord, grant: AgentGrant): string {
    const caller = { tenant: by.tenant, livemode: by.livemode };
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv);
    const said: Sealed = { caller, grant, by: by.sha256 };
    const sealed = Buffer.concat([cipher.update(JSON.stringify(said), 'utf8'), cipher.final()]);
    return PREFIX + Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** Undefined: not ours, changed, expired, or minted by a key that may not act any more. */
  find(token: string): { readonly caller: Caller; readonly grant: AgentGrant } | undefined {
    const said = this.#open(Buffer.from(token.slice(PREFIX.length), 'base64url'));
    if (said === undefined || said.grant.expires <= this.#clock.wallMs()) return undefined;
    return this.#isKeyActive(said.by) ? { caller: said.caller, grant: said.grant } : undefined;
  }

  #open(bytes: Buffer): Sealed | undefined {
    if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
    try {
      const iv = bytes.subarray(0, IV_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', this.#key, iv, { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      // Sealed by us: its shape is what `mint` wrote.
      return JSON.parse(text.toString('utf8')) as Sealed;
    } catch {
      return undefined;
    }
  }
}
