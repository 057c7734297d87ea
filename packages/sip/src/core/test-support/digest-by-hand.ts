import { createHash } from 'node:crypto';

/** Digest as a peer would write it that shares no code with us. */
export interface SignInParts {
  /** The value of a WWW-Authenticate. */
  readonly challenge: string;
  readonly method: string;
  readonly uri: string;
  readonly username: string;
  readonly password: string;
  readonly nc?: number;
  readonly qop?: string;
}

export function authorization({
  challenge,
  method,
  uri,
  username,
  password,
  nc = 1,
  qop = 'auth',
}: SignInParts): string {
  const [realm, nonce] = [directive(challenge, 'realm'), directive(challenge, 'nonce')];
  const algorithm = directive(challenge, 'algorithm');
  const count = String(nc.toString(16)).padStart(8, '0');
  const response = answer({
    algorithm,
    realm,
    nonce,
    count,
    cnonce: 'c0ffee',
    qop,
    method,
    uri,
    username,
    password,
  });
  return (
    `Digest username="${username}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", ` +
    `algorithm=${algorithm}, qop=${qop}, nc=${count}, cnonce="c0ffee"`
  );
}

/** Whether an Authorization of ours is right. */
export function isRight(value: string, method: string, password: string, body = ''): boolean {
  const read = (name: string): string => directive(value, name);
  return (
    read('response') ===
    answer({
      ...{
        algorithm: read('algorithm') || 'MD5',
        realm: read('realm'),
        nonce: read('nonce'),
        count: read('nc'),
      },
      ...{
        cnonce: read('cnonce'),
        qop: read('qop'),
        method,
        uri: read('uri'),
        username: read('username'),
        password,
      },
      body,
    })
  );
}

export const directive = (text: string, name: string): string => {
  const [, quoted, bare] = new RegExp(`[ ,]${name}=(?:"([^"]*)"|([^", ]+))`).exec(text) ?? [];
  return quoted ?? bare ?? '';
};

interface Answer {
  readonly algorithm: string;
  readonly realm: string;
  readonly nonce: string;
  readonly count: string;
  readonly cnonce: string;
  readonly qop: string;
  readonly method: string;
  readonly uri: string;
  readonly username: string;
  readonly password: string;
  readonly body?: string;
}

function answer(from: Answer): string {
  const { realm, nonce, count, cnonce, qop, method, uri, username, password, body = '' } = from;
  const hash = (text: string): string =>
    createHash(from.algorithm.replace('-', '').toLowerCase()).update(text).digest('hex');
  const a2 = qop === 'auth-int' ? `${method}:${uri}:${hash(body)}` : `${method}:${uri}`;
  const middle = qop === '' ? nonce : `${nonce}:${count}:${cnonce}:${qop}`;
  return hash(`${hash(`${username}:${realm}:${password}`)}:${middle}:${hash(a2)}`);
}
