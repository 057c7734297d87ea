import { createHash } from 'node:crypto';

/** Strongest first. RFC 8760 §2.1. The -sess variants are not used: nothing here keeps a session that they would speed up. */
export const DIGEST_ALGORITHMS = ['SHA-256', 'SHA-512-256', 'MD5'] as const;
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

const HASHES: Readonly<Record<DigestAlgorithm, string>> = {
  'SHA-256': 'sha256',
  'SHA-512-256': 'sha512-256',
  MD5: 'md5',
};

export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  readonly ha1: string;
  readonly method: string;
  /** The `uri` directive. */
  readonly uri: string;
  readonly nonce: string;
  /** Undefined: RFC 2069, as servers before RFC 2617 ask for. */
  readonly qop: 'auth' | 'auth-int' | undefined;
  readonly nc: string;
  readonly cnonce: string;
  /** Counts under auth-int only. */
  readonly body: string;
}

/** RFC 7616 §3.4.1: the value of `response`, lower-case hex. */
export function digestResponse(input: DigestInput): string {
  const { algorithm, ha1, method, uri, nonce, qop, nc, cnonce, body } = input;
  const entity = qop === 'auth-int' ? `:${hash(algorithm, body)}` : '';
  const ha2 = hash(algorithm, `${method}:${uri}${entity}`);
  return qop === undefined
    ? hash(algorithm, `${ha1}:${nonce}:${ha2}`)
    : hash(algorithm, `${ha1}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}`);
}

/** RFC 7616 §3.4.2 A1: as good as the password for this realm, and useless in another. */
export const digestHa1 = (
  algorithm: DigestAlgorithm,
  username: string,
  realm: string,
  password: string,
): string => hash(algorithm, `${username}:${realm}:${password}`);

/** RFC 7616 §3.3: no algorithm named means MD5. Undefined: one that we do not speak. */
export function digestAlgorithm(named: string | undefined): DigestAlgorithm | undefined {
  const wanted = (named ?? 'MD5').toUpperCase();
  return DIGEST_ALGORITHMS.find((algorithm) => algorithm === wanted);
}

const hash = (algorithm: DigestAlgorithm, text: string): string =>
  createHash(HASHES[algorithm]).update(text, 'utf8').digest('hex');
