import { timingSafeEqual } from 'node:crypto';
import type { ParsedRequest } from '../../ingress/parse-result.ts';
import { quoted, readDigest } from './auth-header.ts';
import { type DigestAlgorithm, digestAlgorithm, digestResponse } from './digest.ts';
import { Nonces } from './nonces.ts';

/** A user that a platform signs in as. */
export interface InboundAccount {
  readonly platform: string;
  readonly username: string;
  readonly realm: string;
  /** H(username:realm:password) for each algorithm that is offered, best first. Never the password itself, and never logged. */
  readonly ha1: ReadonlyMap<DigestAlgorithm, string>;
}

export type SignIn =
  | { readonly kind: 'in'; readonly platform: string }
  /** Headers of the 401. `failed`: a password was tried, and it was wrong. */
  | { readonly kind: 'challenge'; readonly lines: readonly string[]; readonly failed: boolean };

/** Authorization headers of one request that are looked at: one for each realm on the way, and no more. */
const TRIES_MAX = 4;

/** Stands for the secret of a user that does not exist: finding that out must not be faster. */
const NOBODY = '0'.repeat(64);

/** Digest as a server: RFC 3261 §22, RFC 7616, RFC 8760. */
export class InboundDigest {
  readonly #nonces = new Nonces();

  /** `source`: who asks, so that nobody can make wrong passwords count against somebody else. */
  check(request: ParsedRequest, accounts: readonly InboundAccount[], source: string, nowMs: number): SignIn {
    let failed = false;
    let stale = false;
    const tries = request.headers.filter(({ name }) => name === 'Authorization');
    for (const { value } of tries.slice(0, TRIES_MAX)) {
      const outcome = this.#try(value, request, accounts, source, nowMs);
      if (typeof outcome === 'object') return { kind: 'in', platform: outcome.platform };
      failed ||= outcome === 'wrong';
      stale ||= outcome === 'stale';
    }
    return { kind: 'challenge', lines: this.#challenges(accounts, stale, source, nowMs), failed };
  }

  #try(
    value: string,
    request: ParsedRequest,
    accounts: readonly InboundAccount[],
    source: string,
    nowMs: number,
  ): InboundAccount | 'wrong' | 'stale' | 'not_for_us' {
    const directives = readDigest(value);
    const realm = directives?.get('realm');
    const ours = accounts.filter((account) => account.realm === realm);
    if (directives === undefined || ours.length === 0) return 'not_for_us';
    const read = (name: string): string => directives.get(name) ?? '';
    // Whatever the password: nothing can be found out with a nonce of one's own making, and after a restart clients try again.
    const origin = this.#nonces.origin(read('nonce'), source);
    if (origin === undefined) return 'stale';
    const wrong = origin === 'own' ? 'wrong' : 'not_for_us';
    const algorithm = digestAlgorithm(directives.get('algorithm'));
    const nc = read('nc');
    // RFC 8760 §2.6 and RFC 7616 §3.4: we offer `qop=auth`, so an answer without it is no answer to our challenge.
    if (algorithm === undefined || read('qop').toLowerCase() !== 'auth') return wrong;
    if (!/^[0-9a-f]{8}$/i.test(nc) || read('cnonce') === '') return wrong;
    const candidates = ours.filter(
      ({ username, ha1 }) => username === read('username') && ha1.has(algorithm),
    );
    const secrets =
      candidates.length > 0 ? candidates.map(({ ha1 }) => ha1.get(algorithm) ?? NOBODY) : [NOBODY];
    const index = secrets.findIndex((ha1) => {
      // RFC 3261 §22.4: proxies change the Request-URI, so `uri` is taken as the client wrote it.
      const expected = digestResponse({
        ...{ algorithm, ha1, nc, qop: 'auth', body: '' },
        ...{ method: request.method, uri: read('uri'), nonce: read('nonce'), cnonce: read('cnonce') },
      });
      return isSame(expected, read('response').toLowerCase());
    });
    const account = candidates[index];
    if (account === undefined) return wrong;
    // RFC 7616 §3.3. With a nonce of ours only for one who knows the password, or guessing would get cheaper.
    return this.#nonces.use(read('nonce'), Number.parseInt(nc, 16), nowMs) ? account : 'stale';
  }

  /** RFC 8760 §2.3: one header for each algorithm, the best first, for clients that take the first they know. */
  #challenges(
    accounts: readonly InboundAccount[],
    stale: boolean,
    source: string,
    nowMs: number,
  ): readonly string[] {
    const nonce = this.#nonces.issue(source, nowMs);
    const lines = accounts.flatMap(({ realm, ha1 }) =>
      [...ha1.keys()].map(
        (algorithm) =>
          `WWW-Authenticate: Digest realm=${quoted(realm)}, nonce="${nonce}", algorithm=${algorithm}, qop="auth"` +
          (stale ? ', stale=true' : ''),
      ),
    );
    return [...new Set(lines)];
  }
}

function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
