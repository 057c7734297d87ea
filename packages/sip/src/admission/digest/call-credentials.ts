import { randomBytes } from 'node:crypto';
import { quoted, readDigest } from './auth-header.ts';
import { byStrength, type Challenge, type ChallengeSet } from './challenge.ts';
import { type DigestAlgorithm, digestHa1, digestResponse } from './digest.ts';

/** Who we are to a platform that asks. */
export interface OutboundAccount {
  readonly username: string;
  readonly password: string;
  /** Answers this realm only. Undefined: whichever the platform names. */
  readonly realm: string | undefined;
  readonly algorithms: readonly DigestAlgorithm[];
}

export interface Asked {
  readonly method: string;
  readonly uri: string;
  readonly body: string;
}

/** One header, ready to be set. */
export interface Credentials {
  readonly header: ChallengeSet['header'];
  readonly value: string;
}

const CNONCE_BYTES = 12;
/** RFC 7616 §3.4: eight hex digits; no dialog comes near. */
const NC_MAX = 0xffffffff;

/**
 * Digest as a client, for the requests of one call: RFC 3261 §22.2, RFC 7616, RFC 8760. Once a challenge was answered, later requests carry
 * credentials unasked, which saves a round trip for each (RFC 3261 §22.2, last paragraphs).
 */
export class CallCredentials {
  readonly #accounts: readonly OutboundAccount[];
  #last:
    | { header: ChallengeSet['header']; account: OutboundAccount; challenge: Challenge; nc: number }
    | undefined;
  #ofInvite: Credentials | undefined;

  constructor(accounts: readonly OutboundAccount[]) {
    this.#accounts = accounts;
  }

  /** `refused`: the credentials that the request carried. Undefined: we have no answer, or it was refused already. */
  answer(set: ChallengeSet, asked: Asked, refused: string | undefined): Credentials | undefined {
    for (const challenge of [...set.challenges].sort(byStrength)) {
      const account = this.#accounts.find(
        ({ realm, algorithms }) =>
          (realm ?? challenge.realm) === challenge.realm && algorithms.includes(challenge.algorithm),
      );
      // One answer to one nonce: asking again with the same says that the password is wrong.
      if (account === undefined || (refused !== undefined && usesNonce(refused, challenge.nonce))) continue;
      this.#last = { header: set.header, account, challenge, nc: 0 };
      return this.unasked(asked);
    }
    return undefined;
  }

  /** For a request that nobody has challenged yet. */
  unasked(asked: Asked): Credentials | undefined {
    // RFC 3261 §22.1: the ACK has the credentials of its INVITE, and a CANCEL has none.
    if (asked.method === 'ACK') return this.#ofInvite;
    const last = this.#last;
    if (last === undefined || asked.method === 'CANCEL' || last.nc >= NC_MAX) return undefined;
    last.nc += 1;
    const credentials = { header: last.header, value: authorizationValue(last, asked) };
    if (asked.method === 'INVITE') this.#ofInvite = credentials;
    return credentials;
  }

  /** `Authentication-Info` of a 2xx (RFC 7616 §3.5): the next request uses its nextnonce. */
  learn(authenticationInfo: string): void {
    const next = readDigest(`Digest ${authenticationInfo}`)?.get('nextnonce');
    if (next === undefined || this.#last === undefined) return;
    this.#last = { ...this.#last, challenge: { ...this.#last.challenge, nonce: next }, nc: 0 };
  }
}

function authorizationValue(
  { account, challenge, nc }: { account: OutboundAccount; challenge: Challenge; nc: number },
  { method, uri, body }: Asked,
): string {
  const { realm, nonce, algorithm, qop, opaque } = challenge;
  const { username, password } = account;
  const count = nc.toString(16).padStart(8, '0');
  const cnonce = randomBytes(CNONCE_BYTES).toString('base64url');
  const ha1 = digestHa1(algorithm, username, realm, password);
  const response = digestResponse({ algorithm, ha1, method, uri, nonce, qop, nc: count, cnonce, body });
  return [
    `Digest username=${quoted(username)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response="${response}"`,
    ...(challenge.names === 'algorithm' ? [`algorithm=${algorithm}`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
    ...(qop === undefined ? [] : [`qop=${qop}`, `nc=${count}`, `cnonce="${cnonce}"`]),
  ].join(', ');
}

const usesNonce = (credentials: string, nonce: string): boolean =>
  readDigest(credentials)?.get('nonce') === nonce;
