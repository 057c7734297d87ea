import { JSON_DEPTH_MAX } from './limits.ts';

/** A value of JSON as it lies in the bytes. Of a string what is between its quotes, escapes and all. A view, never a copy. */
export interface JsonValue {
  readonly kind: 'string' | 'number' | 'object' | 'array' | 'true' | 'false' | 'null';
  readonly bytes: Uint8Array;
}

export interface JsonMember {
  /** Between its quotes. */
  readonly name: Uint8Array;
  readonly value: JsonValue;
}

/**
 * The members of the JSON object (RFC 8259) that `bytes` is, in order; undefined: it is none. `JSON.parse` would make text of everything,
 * card numbers included; here nothing becomes text, and the caller takes only what it wants.
 */
export function jsonMembers(bytes: Uint8Array): readonly JsonMember[] | undefined {
  const reader = new Reader(bytes);
  const members: JsonMember[] = [];
  return reader.whole(members) ? members : undefined;
}

const code = (character: string): number => character.charCodeAt(0);
const QUOTE = code('"');
const BACKSLASH = code('\\');
const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const ESCAPED: ReadonlySet<number> = new Set([...'"\\/bfnrt'].map(code));
const HEX: ReadonlySet<number> = new Set([...'0123456789abcdefABCDEF'].map(code));
const FIRST_PRINTABLE = 0x20;
const WORDS = (['true', 'false', 'null'] as const).map((kind) => ({ kind, bytes: [...kind].map(code) }));
const UNICODE_DIGITS = 4;

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  whole(members: JsonMember[]): boolean {
    this.#space();
    if (!this.#object(1, members)) return false;
    this.#space();
    return this.#at === this.#bytes.length;
  }

  #value(depth: number): JsonValue | undefined {
    const from = this.#at;
    const first = this.#bytes[from];
    const until = (kind: JsonValue['kind'], good: boolean): JsonValue | undefined =>
      good ? { kind, bytes: this.#bytes.subarray(from, this.#at) } : undefined;
    if (first === QUOTE) {
      const bytes = this.#string();
      return bytes && { kind: 'string', bytes };
    }
    if (first === code('{')) return until('object', this.#object(depth + 1));
    if (first === code('[')) return until('array', this.#array(depth + 1));
    for (const { kind, bytes } of WORDS)
      if (bytes.every((byte) => this.#skip(byte))) return until(kind, true);
    this.#at = from;
    return until('number', this.#number());
  }

  #object(depth: number, members?: JsonMember[]): boolean {
    if (depth > JSON_DEPTH_MAX || !this.#skip(code('{'))) return false;
    this.#space();
    if (this.#skip(code('}'))) return true;
    do {
      this.#space();
      const name = this.#string();
      this.#space();
      if (name === undefined || !this.#skip(code(':'))) return false;
      this.#space();
      const value = this.#value(depth);
      if (value === undefined) return false;
      members?.push({ name, value });
      this.#space();
    } while (this.#skip(code(',')));
    return this.#skip(code('}'));
  }

  #array(depth: number): boolean {
    if (depth > JSON_DEPTH_MAX || !this.#skip(code('['))) return false;
    this.#space();
    if (this.#skip(code(']'))) return true;
    do {
      this.#space();
      if (this.#value(depth) === undefined) return false;
      this.#space();
    } while (this.#skip(code(',')));
    return this.#skip(code(']'));
  }

  #string(): Uint8Array | undefined {
    if (!this.#skip(QUOTE)) return undefined;
    const from = this.#at;
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined || byte < FIRST_PRINTABLE) return undefined;
      this.#at += 1;
      if (byte === QUOTE) return this.#bytes.subarray(from, this.#at - 1);
      if (byte === BACKSLASH && !this.#escape()) return undefined;
    }
  }

  #escape(): boolean {
    if (this.#skip(code('u'))) {
      for (let digit = 0; digit < UNICODE_DIGITS; digit += 1) if (!this.#skipOf(HEX)) return false;
      return true;
    }
    return this.#skipOf(ESCAPED);
  }

  #number(): boolean {
    this.#skip(code('-'));
    if (!this.#skip(code('0')) && !this.#digits()) return false;
    if (this.#skip(code('.')) && !this.#digits()) return false;
    if (!this.#skip(code('e')) && !this.#skip(code('E'))) return true;
    if (!this.#skip(code('+'))) this.#skip(code('-'));
    return this.#digits();
  }

  #digits(): boolean {
    const from = this.#at;
    for (let byte = this.#bytes[from]; byte !== undefined && byte >= 0x30 && byte <= 0x39; ) {
      this.#at += 1;
      byte = this.#bytes[this.#at];
    }
    return this.#at > from;
  }

  #space(): void {
    while (this.#skipOf(SPACES));
  }

  #skip(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at += 1;
    return true;
  }

  #skipOf(bytes: ReadonlySet<number>): boolean {
    const byte = this.#bytes[this.#at];
    if (byte === undefined || !bytes.has(byte)) return false;
    this.#at += 1;
    return true;
  }
}
