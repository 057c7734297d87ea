import { randomInt } from 'node:crypto';

const AUTH_CODE_LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const AUTH_CODE_LENGTH = 6;
/** Letters only: a run of digits in an id could look like a card number to whoever searches for one. */
const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 20;

export const idLetters = (): string => letters(ID_LETTERS, ID_LENGTH);
export const authCode = (): string => letters(AUTH_CODE_LETTERS, AUTH_CODE_LENGTH);

function letters(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}
