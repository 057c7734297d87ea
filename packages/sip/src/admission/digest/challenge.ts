import { readDigest } from './auth-header.ts';
import { DIGEST_ALGORITHMS, type DigestAlgorithm, digestAlgorithm } from './digest.ts';

/** What a peer asks of us in one WWW-Authenticate or Proxy-Authenticate. */
export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: DigestAlgorithm;
  /** As named, to be echoed: a peer that names none may not know the word. */
  readonly names: 'algorithm' | 'none';
  readonly qop: 'auth' | 'auth-int' | undefined;
  readonly opaque: string | undefined;
  readonly stale: boolean;
}

/** All challenges of a 401 or 407, in the shape that sip.js asks about. */
export interface ChallengeSet {
  readonly header: 'Authorization' | 'Proxy-Authorization';
  readonly challenges: readonly Challenge[];
  /** sip.js tries once more where this is true. */
  readonly stale: boolean;
}

/** Undefined: another scheme, an algorithm or a protection that we do not speak (RFC 7616 §3.3: to be ignored). */
function readChallenge(value: string): Challenge | undefined {
  const directives = readDigest(value);
  const realm = directives?.get('realm');
  const nonce = directives?.get('nonce');
  const algorithm = digestAlgorithm(directives?.get('algorithm'));
  if (directives === undefined || realm === undefined || nonce === undefined || algorithm === undefined)
    return undefined;
  const offered = directives
    .get('qop')
    ?.toLowerCase()
    .split(/[\s,]+/);
  const qop = (['auth', 'auth-int'] as const).find((kind) => offered?.includes(kind));
  if (offered !== undefined && qop === undefined) return undefined;
  return {
    ...{ realm, nonce, algorithm, qop },
    names: directives.has('algorithm') ? 'algorithm' : 'none',
    opaque: directives.get('opaque'),
    stale: directives.get('stale')?.toLowerCase() === 'true',
  };
}

export function challengesOf(
  status: number,
  headers: readonly { readonly name: string; readonly value: string }[],
): ChallengeSet | undefined {
  const proxy = status === 407;
  if (status !== 401 && !proxy) return undefined;
  const name = proxy ? 'Proxy-Authenticate' : 'WWW-Authenticate';
  const challenges = headers.flatMap((header) =>
    header.name === name ? (readChallenge(header.value) ?? []) : [],
  );
  if (challenges.length === 0) return undefined;
  return {
    header: proxy ? 'Proxy-Authorization' : 'Authorization',
    challenges,
    stale: challenges.some(({ stale }) => stale),
  };
}

/** The order in which we answer: RFC 8760 §2.4 leaves it to us, and MD5 comes last whatever the peer put first. */
export const byStrength = (a: Challenge, b: Challenge): number =>
  DIGEST_ALGORITHMS.indexOf(a.algorithm) - DIGEST_ALGORITHMS.indexOf(b.algorithm);
