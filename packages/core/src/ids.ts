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

// Crockford's base32 in lower case: no i, l, o, u. An id never holds a run of 13 digits that a card scanner would hit
// by accident more than once in 10^6 ids, unlike a decimal or a hexadecimal one.
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** 26 characters, 130 bits: for ids and for one-time tokens alike. */
const ID_CHARACTERS = 26;

/** `ses_` + 26 base32 characters. */
export function makeId<Id extends string>(prefix: string, random: RandomBytes): Id {
  let text = `${prefix}_`;
  for (const byte of random(ID_CHARACTERS)) text += ALPHABET[byte & 31];
  return text as Id;
}

/**
 * Ids that others make at random: UUIDs (RFC 9562) and long hexadecimal texts, each with a letter in it. One UUID in 1 400 holds digits that
 * would pass for a card number, so whoever looks for card numbers passes over these. Global: for `replace` and `matchAll`.
 */
export const OPAQUE_ID =
  /(?<![0-9A-Za-z])(?=[0-9a-f-]*[a-f])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24,64})(?![0-9A-Za-z])/gi;
