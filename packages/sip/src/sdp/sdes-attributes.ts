import { ok, type Result, refuse } from '@sordino/core';
import type { SrtpPair } from '@sordino/interception';
import type { MediaDescription as LibraryMedia } from 'sdp-transform';

type SrtpKeys = SrtpPair['local'];
type SuiteName = SrtpKeys['suite'];

/** One `a=crypto` that we can use: the key that its writer sends with. */
export interface CryptoLine {
  readonly tag: number;
  readonly keys: SrtpKeys;
}

/** Octets of key and salt in `inline:` (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.3), in the order in which we offer them. */
export const SDES_SUITES: Readonly<
  Record<SuiteName, { readonly keyBytes: number; readonly saltBytes: number }>
> = {
  AEAD_AES_256_GCM: { keyBytes: 32, saltBytes: 12 },
  AEAD_AES_128_GCM: { keyBytes: 16, saltBytes: 12 },
  AES_256_CM_HMAC_SHA1_80: { keyBytes: 32, saltBytes: 14 },
  AES_CM_128_HMAC_SHA1_80: { keyBytes: 16, saltBytes: 14 },
  AES_CM_128_HMAC_SHA1_32: { keyBytes: 16, saltBytes: 14 },
};

/** RFC 4568 §9.1: tag, suite, key parameters, session parameters. */
const CRYPTO = /^([0-9]{1,9}) +([\w-]+) +(\S+)((?: +\S+)*) *$/;
const INLINE = /^inline:([A-Za-z0-9+/]+={0,2})(?:\|([^|;:]+))?(?:\|([^|;]*:[^|;]*))?$/;
/**
 * Packets that a key may serve at least. We do not change keys by ourselves in mid-call, and at 50 a second this is
 * more than five hours: longer than any call is here.
 */
const LIFETIME_PACKETS_MIN = 2 ** 20;

/**
 * The first line that we can use (RFC 4568 §5.1.2: they stand in order of preference), or why there is none. The reasons name
 * parameters and never hold a key.
 */
export function chooseCrypto(lines: readonly string[]): Result<CryptoLine, string> {
  if (lines.length === 0) return refuse('there is no a=crypto line');
  const problems: string[] = [];
  for (const line of lines) {
    const read = readCrypto(line);
    if (read.ok) return read;
    problems.push(read.problem);
  }
  return refuse([...new Set(problems)].join('; '));
}

function readCrypto(line: string): Result<CryptoLine, string> {
  const [, tag, suite = '', keyParameters = '', sessionParameters = ''] = CRYPTO.exec(line) ?? [];
  if (tag === undefined) return refuse('an a=crypto line is not tag, suite and key');
  const where = `a=crypto:${tag}`;
  if (!isSuite(suite)) return refuse(`${where}: the suite ${suite.slice(0, 40)} is not supported`);
  const refused = sessionParameters.split(' ').map(whyNotSession).find(Boolean);
  if (refused !== undefined) return refuse(`${where}: ${refused}`);
  if (keyParameters.includes(';')) return refuse(`${where}: several keys in one line are not supported`);
  const [, text, second, third] = INLINE.exec(keyParameters) ?? [];
  if (text === undefined) return refuse(`${where}: the key is not inline: and base64`);
  // RFC 4568 §6.1: lifetime and MKI may each stand alone; only an MKI has a colon.
  if (third !== undefined) return refuse(`${where}: a master key identifier (MKI) is not supported`);
  const lifetime = second === undefined ? Number.POSITIVE_INFINITY : lifetimeOf(second);
  if (!(lifetime >= LIFETIME_PACKETS_MIN))
    return refuse(`${where}: a key lifetime below 2^20 packets cannot be honoured`);
  const bytes = Buffer.from(text, 'base64');
  const { keyBytes, saltBytes } = SDES_SUITES[suite];
  if (bytes.length !== keyBytes + saltBytes)
    return refuse(
      `${where}: key and salt have ${bytes.length} octets, and ${suite} takes ${keyBytes + saltBytes}`,
    );
  const keys = keysFrom(suite, bytes);
  bytes.fill(0);
  return ok({ tag: Number(tag), keys });
}

/** Copies, in buffers of their own, so that zeroing them zeroes all there is. */
export function keysFrom(suite: SuiteName, bytes: Uint8Array): SrtpKeys {
  const { keyBytes } = SDES_SUITES[suite];
  return {
    suite,
    masterKey: Uint8Array.from(bytes.subarray(0, keyBytes)),
    masterSalt: Uint8Array.from(bytes.subarray(keyBytes)),
  };
}

export function writeCrypto(lines: readonly CryptoLine[]): Pick<LibraryMedia, 'crypto'> {
  return {
    crypto: lines.map(({ tag, keys: { suite, masterKey, masterSalt } }) => ({
      id: tag,
      suite,
      config: `inline:${Buffer.concat([masterKey, masterSalt]).toString('base64')}`,
    })),
  };
}

export function wipeKeys({ masterKey, masterSalt }: SrtpKeys): void {
  masterKey.fill(0);
  masterSalt.fill(0);
}

const isSuite = (name: string): name is SuiteName => Object.hasOwn(SDES_SUITES, name);

/** RFC 4568 §6.1: packets, in decimal or as a power of two. */
function lifetimeOf(text: string): number {
  const power = /^2\^([0-9]{1,2})$/.exec(text)?.[1];
  if (power !== undefined) return 2 ** Number(power);
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

/** RFC 4568 §6.3: what weakens or changes the session is refused; so is what we do not know, unless it begins with `-`. */
function whyNotSession(parameter: string): string | undefined {
  if (parameter === '' || parameter.startsWith('-') || /^WSH=[0-9]{1,5}$/.test(parameter)) return undefined;
  const name = /^[A-Z_]{1,32}/.exec(parameter)?.[0];
  if (name === undefined) return 'a session parameter cannot be read';
  if (/^UN(ENCRYPTED|AUTHENTICATED)_/.test(name)) return `${name} would leave the media unprotected`;
  return `the session parameter ${name} is not supported`;
}
