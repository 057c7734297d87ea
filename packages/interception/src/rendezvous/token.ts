import { makeId, type RandomBytes } from '@sordino/core';

const PREFIX = 'tok';

/** One-time token of a session: 130 random bits, safe in a SIP user part. */
export const makeToken = (random: RandomBytes): string => makeId<string>(PREFIX, random);

export const looksLikeToken = (text: string): boolean => text.startsWith(`${PREFIX}_`);

/**
 * Set in every octet of the User-to-User data. ASCII in hex is mostly decimal digits, and a card scanner takes a run of them for a
 * card number; with this bit every octet begins with a letter.
 */
const LETTER_BIT = 0x80;

/**
 * RFC 7433: the token as User-to-User data. First octet is the protocol discriminator 0x00 (user specific);
 * without `;purpose` the ISDN package applies, which platforms pass through.
 */
export function toUserToUser(token: string): string {
  const hex = [...new TextEncoder().encode(token)].map((byte) => (byte | LETTER_BIT).toString(16)).join('');
  return `00${hex};encoding=hex`;
}

/** The token inside a User-to-User value, or undefined when it holds something else. */
export function fromUserToUser(value: string): string | undefined {
  const [data = '', ...params] = value.split(';').map((part) => part.trim());
  const encoding = params
    .find((param) => param.toLowerCase().startsWith('encoding='))
    ?.slice(9)
    .toLowerCase();
  if (encoding !== undefined && encoding !== 'hex') return undefined;
  const hex = data.startsWith('"') ? data.slice(1, -1) : data;
  if (!/^00(?:[0-9a-f]{2})+$/i.test(hex)) return undefined;
  const bytes = new Uint8Array((hex.length - 2) / 2);
  for (let i = 0; i < bytes.length; i += 1)
    bytes[i] = Number.parseInt(hex.slice(2 + 2 * i, 4 + 2 * i), 16) & ~LETTER_BIT;
  return new TextDecoder().decode(bytes);
}
