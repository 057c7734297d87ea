import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { BoundedMap } from '../bounded-map.ts';

/** A client keeps using a nonce for so long, then it gets a new one with stale=true and no harm done. */
const LIFETIME_MS = 300_000;
/** Nonces in use whose counts are remembered: 200 new ones a second over their lifetime. */
const IN_USE_MAX = 65_536;
/** Counts that may come out of order behind the highest: requests overtake each other on UDP. */
const WINDOW = 32;

const TIME_BYTES = 6;
const SALT_BYTES = 8;
/** Enough to tell who was asked: nothing depends on it but the counting of wrong passwords. */
const SOURCE_BYTES = 4;
const MAC_BYTES = 16;
const HEAD_BYTES = TIME_BYTES + SALT_BYTES + SOURCE_BYTES;
const NONCE_BYTES = HEAD_BYTES + MAC_BYTES;

interface Use {
  readonly issuedAtMs: number;
  highest: number;
  /** Bit n: `highest - n` was seen. */
  seen: number;
}

/**
 * Nonces that prove themselves (RFC 7616 §5.4): time and salt under a MAC, so that challenges to a thousand strangers are kept
 * nowhere. Only one that was answered with the right password is remembered, with the counts that came with it.
 */
export class Nonces {
  readonly #secret = randomBytes(32);
  readonly #inUse = new BoundedMap<string, Use>(IN_USE_MAX);
  /** What was issued until then may have been used and forgotten. */
  #forgottenUntilMs = -1;

  issue(source: string, nowMs: number): string {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUIntBE(Math.max(0, Math.floor(nowMs)), 0, TIME_BYTES);
    randomBytes(SALT_BYTES).copy(head, TIME_BYTES);
    this.#tag(source).copy(head, TIME_BYTES + SALT_BYTES);
    return Buffer.concat([head, this.#mac(head)]).toString('base64url');
  }

  /** Undefined: nobody had it from us. `own`: this source had it, and not another one. */
  origin(nonce: string, source: string): 'own' | 'other' | undefined {
    const head = this.#headOf(nonce);
    if (head === undefined) return undefined;
    return head.subarray(TIME_BYTES + SALT_BYTES).equals(this.#tag(source)) ? 'own' : 'other';
  }

  /** Takes the count `nc` of this nonce. False: not ours, too old, or this count was there before: `stale=true`. */
  use(nonce: string, nc: number, nowMs: number): boolean {
    const issuedAtMs = this.#headOf(nonce)?.readUIntBE(0, TIME_BYTES);
    if (issuedAtMs === undefined || nowMs - issuedAtMs > LIFETIME_MS) return false;
    const use = this.#inUse.get(nonce);
    if (use !== undefined) return takeCount(use, nc);
    if (issuedAtMs <= this.#forgottenUntilMs) return false;
    if (this.#inUse.size >= IN_USE_MAX) this.#forgetOldest();
    this.#inUse.set(nonce, { issuedAtMs, highest: nc, seen: 1 });
    return true;
  }

  #forgetOldest(): void {
    const oldest = this.#inUse.entries().next();
    if (oldest.done === true) return;
    const [nonce, { issuedAtMs }] = oldest.value;
    this.#forgottenUntilMs = Math.max(this.#forgottenUntilMs, issuedAtMs);
    this.#inUse.delete(nonce);
  }

  #headOf(nonce: string): Buffer | undefined {
    const octets = Buffer.from(nonce, 'base64url');
    // The second test: base64 has several spellings of the same octets, and each would count as another nonce.
    if (octets.length !== NONCE_BYTES || octets.toString('base64url') !== nonce) return undefined;
    const head = octets.subarray(0, HEAD_BYTES);
    return timingSafeEqual(octets.subarray(HEAD_BYTES), this.#mac(head)) ? head : undefined;
  }

  #tag(source: string): Buffer {
    return createHmac('sha256', this.#secret).update(`source ${source}`).digest().subarray(0, SOURCE_BYTES);
  }

  #mac(head: Uint8Array): Buffer {
    return createHmac('sha256', this.#secret).update(head).digest().subarray(0, MAC_BYTES);
  }
}

/** RFC 7616 §3.4: the server may keep its own count, and a count that was there before is a replay. */
function takeCount(use: Use, nc: number): boolean {
  const behind = use.highest - nc;
  if (behind < 0) {
    use.seen = -behind >= WINDOW ? 1 : ((use.seen << -behind) | 1) >>> 0;
    use.highest = nc;
    return true;
  }
  if (behind >= WINDOW || ((use.seen >>> behind) & 1) === 1) return false;
  use.seen = (use.seen | (1 << behind)) >>> 0;
  return true;
}
