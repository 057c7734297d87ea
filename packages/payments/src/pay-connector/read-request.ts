import { ok, type Result } from '@sordino/core';
import { amountOfText } from '../gateways/amount-text.ts';
import { isCurrency } from '../session/currencies.ts';
import {
  AMOUNT_MAX,
  METADATA_KEYS_MAX,
  METADATA_VALUE_CHARACTERS_MAX,
  TEXT_CHARACTERS_MAX,
} from '../session/limits.ts';
import { badParam } from '../session/problems.ts';
import type { ServiceProblem } from '../session/service.ts';
import { type JsonMember, type JsonValue, jsonMembers } from './json-members.ts';
import { TEXT_BYTES_MAX } from './limits.ts';

/** A request of Twilio's generic pay connector, read and checked but for the card. */
export interface PayRequest {
  readonly transactionId: string;
  readonly method: 'charge' | 'tokenize';
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly description: string | null;
  readonly parameters: Readonly<Record<string, string>>;
  readonly card: PayCard;
}

/** As it came, in the bytes of the body: views. Null: not sent. */
export interface PayCard {
  readonly cardnumber: Uint8Array | null;
  readonly cvv: Uint8Array | null;
  readonly expiry_month: Uint8Array | null;
  readonly expiry_year: Uint8Array | null;
  readonly postal_code: Uint8Array | null;
}

const CARD_NAMES = ['cardnumber', 'cvv', 'expiry_month', 'expiry_year', 'postal_code'] as const;
const TEXT_NAMES = [
  'transaction_id',
  'method',
  'amount',
  'currency_code',
  'description',
  'parameters',
] as const;
type Name = (typeof CARD_NAMES)[number] | (typeof TEXT_NAMES)[number];

/** As `propertyNames` of `Metadata` in the OpenAPI document. */
const PARAMETER_NAME = /^(?!__proto__$)[A-Za-z0-9._-]{1,40}$/;
const TRANSACTION_ID = /^[!-~]{1,255}$/;
/** As the free texts of the OpenAPI document: no card number however it is written. */
const CARD_LIKE = /[0-9](?:[ ._-]{0,3}[0-9]){12}/;

/** Of the service itself, thrown and caught here only: the first thing that is wrong. */
class Wrong extends Error {
  readonly problem: ServiceProblem;

  constructor(param: string, code: string, message: string) {
    super(code);
    this.problem = badParam(param, code, message).problem;
  }
}

/** Messages name the place and the rule, never what was sent. Of the card nothing is made into text. */
export function readPayRequest(body: Uint8Array): Result<PayRequest, ServiceProblem> {
  const members = jsonMembers(body);
  if (members === undefined)
    return badParam('body', 'malformed_json', 'The body is not valid JSON. Send one JSON object in UTF-8.');
  try {
    return ok(requestOf(byName(members)));
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, problem: error.problem };
    throw error;
  }
}

type Values = ReadonlyMap<Name, JsonValue>;

/** What is null counts as not sent. What has another name is somebody's extension, and is not looked at. */
function byName(members: readonly JsonMember[]): Values {
  const values = new Map<Name, JsonValue>();
  const seen = new Set<Name>();
  for (const { name, value } of members) {
    const known = [...CARD_NAMES, ...TEXT_NAMES].find((each) => isName(name, each));
    if (known === undefined) continue;
    if (seen.has(known)) throw new Wrong(known, 'invalid_parameter', `${known} is there twice: send it once`);
    seen.add(known);
    if (value.kind !== 'null') values.set(known, value);
  }
  return values;
}

function requestOf(values: Values): PayRequest {
  const transactionId = transactionIdOf(values);
  const method = required(values, 'method');
  if (method !== 'charge' && method !== 'tokenize')
    throw new Wrong('method', 'invalid_parameter', 'method must be charge or tokenize');
  const currency = required(values, 'currency_code').toLowerCase();
  if (!isCurrency(currency))
    throw new Wrong(
      'currency_code',
      'unknown_currency',
      'currency_code must be an ISO 4217 code, such as GBP',
    );
  const description = textOf(values, 'description', TEXT_CHARACTERS_MAX);
  const bytes = (name: (typeof CARD_NAMES)[number]) => cardBytesOf(values, name);
  const [cardnumber, cvv] = [bytes('cardnumber'), bytes('cvv')];
  const [expiry_month, expiry_year] = [bytes('expiry_month'), bytes('expiry_year')];
  return {
    ...{ transactionId, method, currency },
    amount: amountOf(values, method, currency),
    description: description === undefined || description === '' ? null : description,
    parameters: parametersOf(values.get('parameters')),
    card: { cardnumber, cvv, expiry_month, expiry_year, postal_code: bytes('postal_code') },
  };
}

/** Their own name of the payment: it may be digits with letters among them, but not what could be a card number. */
function transactionIdOf(values: Values): string {
  const value = values.get('transaction_id');
  if (value === undefined) throw missing('transaction_id');
  if (isCardLike(value.bytes) && !value.bytes.some(isLetter)) throw cardData('transaction_id');
  const id = decoded('transaction_id', value);
  if (!TRANSACTION_ID.test(id) || (CARD_LIKE.test(id) && !/[A-Za-z]/.test(id)))
    throw new Wrong(
      'transaction_id',
      'invalid_parameter',
      'transaction_id must be 1 to 255 printable characters without spaces',
    );
  return id;
}

function amountOf(values: Values, method: PayRequest['method'], currency: string): number {
  if (method === 'tokenize' && !values.has('amount')) return 0;
  const amount = amountOfText(required(values, 'amount'), currency);
  const least = method === 'tokenize' ? 0 : 1;
  if (amount === undefined || amount < least || amount > AMOUNT_MAX)
    throw new Wrong(
      'amount',
      'amount_out_of_range',
      `amount is text in major units with as many places as the currency has, such as "49.99": from ${least} to ${AMOUNT_MAX} in minor units`,
    );
  return amount;
}

function parametersOf(value: JsonValue | undefined): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  const members = value.kind === 'object' ? jsonMembers(value.bytes) : undefined;
  if (members === undefined)
    throw new Wrong('parameters', 'invalid_parameter', 'parameters must be an object of texts');
  if (members.length > METADATA_KEYS_MAX)
    throw new Wrong('parameters', 'too_many_keys', `parameters takes at most ${METADATA_KEYS_MAX} names`);
  const parameters = new Map<string, string>();
  for (const { name, value: one } of members) {
    if (isCardLike(name)) throw cardData('parameters');
    const key = new TextDecoder().decode(name);
    if (!PARAMETER_NAME.test(key) || CARD_LIKE.test(key) || parameters.has(key))
      throw new Wrong(
        'parameters',
        'invalid_parameter',
        'a name in parameters is 1 to 40 of A-Z a-z 0-9 . _ - and there once',
      );
    if (one.kind === 'null') continue;
    const param = `parameters.${key}`;
    if (one.kind === 'object' || one.kind === 'array')
      throw new Wrong(param, 'invalid_parameter', `${param} must be text`);
    parameters.set(key, plainText(param, one, METADATA_VALUE_CHARACTERS_MAX));
  }
  return Object.fromEntries(parameters);
}

/** Digits only, without escapes: they go on as they lie there. */
function cardBytesOf(values: Values, name: (typeof CARD_NAMES)[number]): Uint8Array | null {
  const value = values.get(name);
  if (value === undefined || (value.kind === 'string' && value.bytes.length === 0)) return null;
  if (value.kind !== 'string')
    throw new Wrong(name, 'invalid_parameter', `${name} must be text, in quotation marks`);
  return value.bytes;
}

function required(values: Values, name: Name): string {
  const text = textOf(values, name, TEXT_CHARACTERS_MAX);
  if (text === undefined || text === '') throw missing(name);
  return text;
}

function textOf(values: Values, name: Name, charactersMax: number): string | undefined {
  const value = values.get(name);
  return value && plainText(name, value, charactersMax);
}

/** Looked at as bytes before it becomes text, and as text in case that it was written in escapes. */
function plainText(param: string, value: JsonValue, charactersMax: number): string {
  if (isCardLike(value.bytes)) throw cardData(param);
  const text = decoded(param, value);
  if (CARD_LIKE.test(text)) throw cardData(param);
  if (text.length > charactersMax)
    throw new Wrong(param, 'too_long', `${param} has at most ${charactersMax} characters`);
  return text;
}

function decoded(param: string, { kind, bytes }: JsonValue): string {
  if (kind === 'object' || kind === 'array')
    throw new Wrong(param, 'invalid_parameter', `${param} must be text`);
  if (bytes.length > TEXT_BYTES_MAX) throw new Wrong(param, 'too_long', `${param} is too long`);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return kind === 'string' ? (JSON.parse(`"${text}"`) as string) : text;
  } catch {
    throw new Wrong(param, 'invalid_parameter', `${param} is not UTF-8`);
  }
}

const missing = (param: string): Wrong =>
  new Wrong(param, 'parameter_missing', `${param} is missing: send it`);

const cardData = (param: string): Wrong =>
  new Wrong(
    param,
    'card_data_refused',
    `${param} looks like a card number: card data goes in cardnumber and cvv only`,
  );

const SEPARATORS: ReadonlySet<number> = new Set([...' ._-'].map((one) => one.charCodeAt(0)));
const SEPARATORS_MAX = 3;
const CARD_DIGITS_MIN = 13;

/** `CARD_LIKE` over bytes. */
function isCardLike(bytes: Uint8Array): boolean {
  let digits = 0;
  let separators = 0;
  for (const byte of bytes) {
    if (byte >= 0x30 && byte <= 0x39) {
      digits += 1;
      separators = 0;
      if (digits >= CARD_DIGITS_MIN) return true;
    } else if (SEPARATORS.has(byte) && separators < SEPARATORS_MAX) separators += 1;
    else digits = 0;
  }
  return false;
}

const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

function isName(bytes: Uint8Array, name: string): boolean {
  if (bytes.length !== name.length) return false;
  return bytes.every((byte, at) => byte === name.charCodeAt(at));
}
