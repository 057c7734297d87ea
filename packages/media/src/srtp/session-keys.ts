import { BLOCK_BYTES } from './keystream.ts';
import type { CreateAes, SrtpKeys } from './srtp.ts';
import { type SrtpSuite, srtpSuite } from './suites.ts';

/** What one master key gives for RTP or for RTCP. */
export interface SessionKeys {
  readonly cipherKey: Uint8Array;
  /** Of HMAC-SHA1; GCM has no use for it. */
  readonly authenticationKey: Uint8Array;
  readonly salt: Uint8Array;
}

const AUTHENTICATION_KEY_BYTES = 20;
/** RFC 3711 §4.3.1: the label stands above the 48 bits of the index in a value of 112 bits. */
const LABEL_AT = 7;
const RTP_LABELS = { cipherKey: 0x00, authenticationKey: 0x01, salt: 0x02 } as const;
const RTCP_LABELS = { cipherKey: 0x03, authenticationKey: 0x04, salt: 0x05 } as const;

/**
 * RFC 3711 §4.3 with a key derivation rate of zero, so once per master key; RFC 6188 §2.1 with AES-256, RFC 7714 §11 with a
 * salt of 96 bits, filled up with zeros at its end.
 */
export function deriveSessionKeys(
  { suite: name, masterKey, masterSalt }: SrtpKeys,
  createAes: CreateAes,
): { readonly suite: SrtpSuite; readonly rtp: SessionKeys; readonly rtcp: SessionKeys } {
  const suite = srtpSuite(name);
  if (suite === undefined) throw new RangeError(`${name} is not one of our SRTP suites`);
  const { keyBytes, saltBytes } = suite;
  if (masterKey.length !== keyBytes || masterSalt.length !== saltBytes)
    throw new RangeError(
      `${name} takes a key of ${keyBytes} and a salt of ${saltBytes} bytes, not ${masterKey.length} and ${masterSalt.length}`,
    );
  const aes = createAes(masterKey);
  const derive = (label: number, bytes: number): Uint8Array => {
    const blocks = new Uint8Array(Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES);
    for (let at = 0; at < blocks.length; at += BLOCK_BYTES) {
      blocks.set(masterSalt, at);
      blocks[at + LABEL_AT] = (blocks[at + LABEL_AT] ?? 0) ^ label;
      blocks[at + BLOCK_BYTES - 1] = at / BLOCK_BYTES;
    }
    const made = aes.encrypt(blocks, blocks.length);
    // A copy: `slice` of a Node Buffer would be a view of what is zeroed next.
    const derived = Uint8Array.from(made.subarray(0, bytes));
    made.fill(0);
    return derived;
  };
  const deriveAll = (labels: typeof RTP_LABELS | typeof RTCP_LABELS): SessionKeys => ({
    cipherKey: derive(labels.cipherKey, keyBytes),
    authenticationKey: derive(labels.authenticationKey, AUTHENTICATION_KEY_BYTES),
    salt: derive(labels.salt, saltBytes),
  });
  const derived = { suite, rtp: deriveAll(RTP_LABELS), rtcp: deriveAll(RTCP_LABELS) };
  aes.release();
  return derived;
}

export function wipeSessionKeys({ cipherKey, authenticationKey, salt }: SessionKeys): void {
  for (const secret of [cipherKey, authenticationKey, salt]) secret.fill(0);
}
