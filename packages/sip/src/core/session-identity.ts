import { randomHex } from './tokens.ts';

const NIL = '0'.repeat(32);
/** RFC 7989 §5: `remote` belongs to the header, other parameters are left out. */
const SESSION_ID = /^([0-9a-f]{32})\s*(?:;|$)/i;

/** RFC 9562 §5.4 in the form of RFC 7989 §4.1: 32 hexadecimal digits. */
export function makeSessionUuid(): string {
  const digits = randomHex(16);
  const variant = (Number.parseInt(digits.charAt(16), 16) & 0x3) | 0x8;
  return `${digits.slice(0, 12)}4${digits.slice(13, 16)}${variant.toString(16)}${digits.slice(17)}`;
}

/** Session-ID of one leg (RFC 7989): our own half, and what the peer said of its half last. */
export class SessionIdentity {
  readonly own: string;
  #remote = NIL;

  constructor(own: string) {
    this.own = own;
  }

  get line(): string {
    return `Session-ID: ${this.own};remote=${this.#remote}`;
  }

  /** RFC 7989 §8: the peer may change its half at any time. What is no UUID is left alone. */
  learn(value: string | undefined): void {
    const remote = value === undefined ? undefined : SESSION_ID.exec(value)?.[1];
    if (remote !== undefined) this.#remote = remote.toLowerCase();
  }
}
