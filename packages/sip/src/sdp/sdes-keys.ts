import { ok, type RandomBytes, type Result, refuse } from '@sordino/core';
import type { HostPort, SrtpPair } from '@sordino/interception';
import { type CryptoLine, keysFrom, SDES_SUITES, wipeKeys } from './sdes-attributes.ts';

/**
 * Our keys of one session description over its life. Each offer of ours has new ones, and so has each answer, unless the peer
 * only repeats itself: platforms send one re-INVITE twice, and both must get the same answer.
 */
export class SdesKeys {
  readonly #random: RandomBytes;
  #offered: readonly CryptoLine[] = [];
  #agreed: { readonly pair: SrtpPair; readonly peer: HostPort; readonly tag: number } | undefined;

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  /** The media was encrypted once: it must stay so. */
  get isAgreed(): boolean {
    return this.#agreed !== undefined;
  }

  /** RFC 4568 §5.1.1: one line for each suite, best first, each with a key of its own. */
  offer(): readonly CryptoLine[] {
    for (const { keys } of this.#offered) wipeKeys(keys);
    const suites = Object.keys(SDES_SUITES) as (keyof typeof SDES_SUITES)[];
    this.#offered = suites.map((suite, index) => ({ tag: index + 1, keys: this.#newKeys(suite) }));
    return this.#offered;
  }

  /** RFC 4568 §5.1.2: tag and suite of the line that we took, and a key of our own. */
  answer(
    { tag, keys: remote }: CryptoLine,
    peer: HostPort,
  ): { readonly line: CryptoLine; readonly pair: SrtpPair } {
    const before = this.#agreed;
    // RFC 4568 §7.1.4: a peer at another address may be another machine, and gets another key.
    if (before !== undefined && isSameKey(before.pair.remote, remote) && isSameAddress(before.peer, peer)) {
      wipeKeys(remote);
      return { line: { tag, keys: before.pair.local }, pair: before.pair };
    }
    const pair = { local: this.#newKeys(remote.suite), remote };
    this.#agreed = { pair, peer, tag };
    return { line: { tag, keys: pair.local }, pair };
  }

  /** RFC 4568 §5.1.3: the answer names one of our lines by tag and suite. */
  accept({ tag, keys: remote }: CryptoLine, peer: HostPort): Result<SrtpPair, string> {
    const before = this.#agreed;
    if (this.#offered.length === 0 && before?.tag === tag && before.pair.local.suite === remote.suite)
      return ok(this.#repeated(before, remote, peer));
    const ours = this.#offered.find((line) => line.tag === tag);
    if (ours?.keys.suite !== remote.suite)
      return refuse(`a=crypto:${tag} of the answer is not a line of the offer with that tag and suite`);
    for (const { keys } of this.#offered) if (keys !== ours.keys) wipeKeys(keys);
    this.#offered = [];
    this.#agreed = { pair: { local: ours.keys, remote }, peer, tag };
    return ok(this.#agreed.pair);
  }

  /** The answer to an offer that only repeats what we send with: the peer may change what it sends with (RFC 4568 §7.1.4). */
  #repeated(
    { pair, tag }: { readonly pair: SrtpPair; readonly tag: number },
    remote: SrtpPair['remote'],
    peer: HostPort,
  ): SrtpPair {
    const isSame = isSameKey(pair.remote, remote);
    if (isSame) wipeKeys(remote);
    this.#agreed = { pair: isSame ? pair : { local: pair.local, remote }, peer, tag };
    return this.#agreed.pair;
  }

  #newKeys(suite: keyof typeof SDES_SUITES): SrtpPair['local'] {
    const { keyBytes, saltBytes } = SDES_SUITES[suite];
    const bytes = this.#random(keyBytes + saltBytes);
    const keys = keysFrom(suite, bytes);
    bytes.fill(0);
    return keys;
  }
}

const isSameAddress = (one: HostPort, other: HostPort): boolean =>
  one.host === other.host && one.port === other.port;

function isSameKey(one: SrtpPair['local'], other: SrtpPair['local']): boolean {
  const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, at) => byte === b[at]);
  return (
    one.suite === other.suite &&
    isSame(one.masterKey, other.masterKey) &&
    isSame(one.masterSalt, other.masterSalt)
  );
}
