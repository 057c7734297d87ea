import { type Clock, makeId, type RandomBytes } from '@sordino/core';
import type { Caller } from '@sordino/payments';
import { AGENT_TOKENS_MAX } from '../limits.ts';
import { hashCredential } from './api-keys.ts';
import type { AgentGrant } from './principal.ts';

interface Entry {
  readonly caller: Caller;
  readonly grant: AgentGrant;
}

/** Tokens of agents' pages, as hashes, in memory only: they end with the process, and the page asks its server for a new one. */
export class AgentTokens {
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  readonly #byHash = new Map<string, Entry>();

  constructor(clock: Clock, random: RandomBytes) {
    this.#clock = clock;
    this.#random = random;
  }

  /** undefined when there are too many live ones. */
  mint(caller: Caller, grant: AgentGrant): string | undefined {
    if (this.#byHash.size >= AGENT_TOKENS_MAX) this.#forgetExpired();
    if (this.#byHash.size >= AGENT_TOKENS_MAX) return undefined;
    const token = makeId('agt', this.#random);
    this.#byHash.set(hashCredential(token), { caller, grant });
    return token;
  }

  // Looked up by hash: what time a lookup takes tells about the hash, from which no token can be made.
  find(token: string): Entry | undefined {
    const hash = hashCredential(token);
    const entry = this.#byHash.get(hash);
    if (!entry || this.#clock.wallMs() < entry.grant.expires) return entry;
    this.#byHash.delete(hash);
    return undefined;
  }

  #forgetExpired(): void {
    const now = this.#clock.wallMs();
    for (const [hash, { grant }] of this.#byHash) if (grant.expires <= now) this.#byHash.delete(hash);
  }
}
