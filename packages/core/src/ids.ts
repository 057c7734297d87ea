/** Branded identifiers: a `SessionId` cannot be passed where an `EventId` is wanted. */
type Brand<T, Name extends string> = T & { readonly __brand: Name };

export type SessionId = Brand<string, 'SessionId'>;
export type EventId = Brand<string, 'EventId'>;
export type AttemptId = Brand<string, 'AttemptId'>;
export type OperationId = Brand<string, 'OperationId'>;
export type PlatformId = Brand<string, 'PlatformId'>;
export type ConnectorId = Brand<string, 'ConnectorId'>;
export type TenantId = Brand<string, 'TenantId'>;

/** Source of unguessable bytes; the process wires it to the operating system. */
export type RandomBytes = (count: number) => Uint8Array;

// Crockford's base32 in lower case: no i, l, o, u.
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const FIRST_LETTER = 10;

/** 26 characters, 128 bits: for ids and for one-time tokens alike. */
const ID_CHARACTERS = 26;

/** Every ninth character is a letter: no id holds the 13 digits in a row that a card scanner would look at. */
const LETTER_EVERY = 9;

/** `ses_` + 26 base32 characters. */
export function makeId<Id extends string>(prefix: string, random: RandomBytes): Id {
  let text = `${prefix}_`;
  random(ID_CHARACTERS).forEach((byte, i) => {
    const isLetter = i % LETTER_EVERY === LETTER_EVERY - 1;
    text += ALPHABET[isLetter ? FIRST_LETTER + (byte & 15) : byte & 31];
  });
  return text as Id;
}

/**
 * Ids that others make at random: UUIDs (RFC 9562) and long hexadecimal texts, each with a letter in it. One UUID in 1 400 holds digits that
 * would pass for a card number, so whoever looks for card numbers passes over these. Global: for `replace` and `matchAll`.
 */
export const OPAQUE_ID =
  /(?<![0-9A-Za-z])(?=[0-9a-f-]*[a-f])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24,64})(?![0-9A-Za-z])/gi;
