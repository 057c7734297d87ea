import { FIELD_NAMES, type FieldName } from '@sordino/core';
import { ASCII_ZERO, sameBytes } from '../card/digits.ts';
import type { CardMemory } from './card-memory.ts';
import { CARD_BUFFER_BYTES } from './limits.ts';

/** ISO/IEC 7812-1: the issuer identification number. */
const BIN_DIGITS = 8;

/** Room for one field: the longest, a card number, has 19 digits. */
const REGION_BYTES = 32;

/** First entries of fields that are keyed twice lie this far behind the second ones. */
const FIRST_ENTRIES_AT = FIELD_NAMES.length * REGION_BYTES;

/** The last byte: the key before, plus one. */
const LAST_KEY_AT = CARD_BUFFER_BYTES - 1;

/**
 * All digits of one session, as ASCII bytes, in one buffer: a region per field. Views are handed out, never copies; removed digits
 * are zeroed at once.
 */
export class DigitVault {
  readonly #bytes: Uint8Array;
  readonly #lengths = new Map<FieldName, number>();
  readonly #firstLengths = new Map<FieldName, number>();

  constructor(memory: CardMemory) {
    this.#bytes = memory(CARD_BUFFER_BYTES);
  }

  length(field: FieldName): number {
    return this.#lengths.get(field) ?? 0;
  }

  /** A view; it goes dark when the field is erased. */
  digits(field: FieldName): Uint8Array {
    const start = regionOf(field);
    return this.#bytes.subarray(start, start + this.length(field));
  }

  /** False when the region is full: the digit is dropped. */
  append(field: FieldName, digit: number): boolean {
    const length = this.length(field);
    if (length >= REGION_BYTES || digit < 0 || digit > 9) return false;
    this.#bytes[regionOf(field) + length] = ASCII_ZERO + digit;
    this.#lengths.set(field, length + 1);
    return true;
  }

  /** Takes away the last `count` digits, or all there are. */
  removeLast(field: FieldName, count: number): void {
    const length = this.length(field);
    const kept = Math.max(0, length - count);
    const start = regionOf(field);
    this.#bytes.fill(0, start + kept, start + length);
    this.#lengths.set(field, kept);
  }

  /** The field, and its first entry where there is one. */
  erase(field: FieldName): void {
    const start = regionOf(field);
    this.#bytes.fill(0, start, start + REGION_BYTES);
    this.#lengths.delete(field);
    this.#eraseFirst(field);
  }

  /** What was keyed is the first entry from now on, and the field is empty for the second one. */
  keepFirst(field: FieldName): void {
    const start = regionOf(field);
    this.#firstLengths.set(field, this.length(field));
    this.#bytes.copyWithin(FIRST_ENTRIES_AT + start, start, start + REGION_BYTES);
    this.#bytes.fill(0, start, start + REGION_BYTES);
    this.#lengths.delete(field);
  }

  hasFirst(field: FieldName): boolean {
    return this.#firstLengths.has(field);
  }

  /** Whether both entries are the same; the first one is gone afterwards. */
  matchFirst(field: FieldName): boolean {
    const start = FIRST_ENTRIES_AT + regionOf(field);
    const first = this.#bytes.subarray(start, start + (this.#firstLengths.get(field) ?? 0));
    const isSame = sameBytes(first, this.digits(field));
    this.#eraseFirst(field);
    return isSame;
  }

  /** What the money is taken from; empty until it is keyed. A view. */
  get account(): Uint8Array {
    return this.digits(this.length('bank_account') > 0 ? 'bank_account' : 'card_number');
  }

  /** Whose account that is: the first digits of a card number, or the routing number of a bank. A view. */
  get issuer(): Uint8Array {
    const routing = this.digits('bank_routing');
    return routing.length > 0 ? routing : this.digits('card_number').subarray(0, BIN_DIGITS);
  }

  /** Whether `key` is the one of the press before, whatever became of that. */
  isLastKey(key: number): boolean {
    return this.#bytes[LAST_KEY_AT] === key + 1;
  }

  rememberKey(key: number): void {
    this.#bytes[LAST_KEY_AT] = key + 1;
  }

  /** The whole buffer, not only what is known to be used. */
  wipe(): void {
    this.#bytes.fill(0);
    this.#lengths.clear();
    this.#firstLengths.clear();
  }

  #eraseFirst(field: FieldName): void {
    const start = FIRST_ENTRIES_AT + regionOf(field);
    this.#bytes.fill(0, start, start + REGION_BYTES);
    this.#firstLengths.delete(field);
  }
}

const regionOf = (field: FieldName): number => FIELD_NAMES.indexOf(field) * REGION_BYTES;
