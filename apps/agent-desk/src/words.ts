import type { FieldCode, FieldName, FieldObject, FieldState, SessionObject } from '@sordino/core';
import { isGivenBack } from './choices.ts';

/** What the agent reads. Every state is said in words; colour and sign only repeat them. */
export type Tone = 'calm' | 'busy' | 'good' | 'bad';

export interface Banner {
  readonly banner: string;
  readonly tone: Tone;
}

const FIELD_WORDS: Readonly<Record<FieldName, string>> = {
  card_number: 'card number',
  expiry: 'expiry date',
  cvc: 'security code',
  postal_code: 'postal code',
  bank_routing: 'routing number',
  bank_account: 'account number',
};

export const fieldWords = (name: FieldName): string => FIELD_WORDS[name];

const STATE_WORDS: Readonly<Record<FieldState, string>> = {
  empty: 'not asked yet',
  collecting: 'being keyed',
  captured: 'complete',
  rejected: 'not accepted',
  wiped: 'wiped',
};

const CODE_WORDS: Readonly<Record<FieldCode, string>> = {
  timeout: 'not finished in time',
  invalid_card_number: 'a digit is wrong or missing',
  invalid_card_type: 'this card is not taken here',
  invalid_date: 'the date is wrong or over',
  invalid_security_code: 'not as long as this card has it',
  invalid_postal_code: 'not a postal code',
  invalid_bank_routing_number: 'a digit is wrong',
  invalid_bank_account_number: 'not an account number',
  too_many_attempts: 'too many tries',
  duplicate_tones: 'each key was heard twice',
  no_tones_heard: 'no key was heard',
};

/** `complete · visa`, `not accepted · a digit is wrong or missing`. */
export function fieldNote({ state, code, brand }: FieldObject): string {
  const more = code === null ? brand : CODE_WORDS[code];
  return more === null ? STATE_WORDS[state] : `${STATE_WORDS[state]} · ${more}`;
}

/** `•••• •••`: how much was keyed, in groups of four, and the last four once captured. */
export function maskOf({ length, last4 }: FieldObject): string {
  const hidden = last4 === null ? length : Math.max(length - last4.length, last4.length);
  const dots = '•'.repeat(hidden).replace(/(.{4})(?=.)/g, '$1 ');
  return last4 === null ? dots : `${dots} ${last4}`;
}

/** What a screen reader says of a field: how many, never which. */
export function spokenProgress({ length, last4 }: FieldObject): string {
  const received = length === 1 ? '1 digit received' : `${length} digits received`;
  if (last4 === null) return received;
  const ending = `ending in ${[...last4].join(' ')}`;
  return length === 0 ? ending : `${received}, ${ending}`;
}

export function bannerOf(session: SessionObject): Banner {
  const { status } = session;
  switch (status) {
    case 'created':
    case 'awaiting_media':
      return { banner: 'Securing the call. Keep talking; no digits yet.', tone: 'busy' };
    case 'ready':
    case 'collecting':
    case 'ready_to_confirm':
      if (isGivenBack(session))
        return { banner: 'The call was given back. Nothing was charged.', tone: 'calm' };
      if (session.topology === 'degraded') return degraded;
      if (status === 'ready') return readyBanner(session);
      return status === 'collecting' ? collectingBanner(session) : complete;
    case 'processing':
      return { banner: 'The bank is being asked. Keep talking.', tone: 'busy' };
    case 'approved':
      return { banner: `Approved, authorisation code ${session.result.auth_code ?? 'none'}.`, tone: 'good' };
    case 'declined': {
      const why = session.result.decline_code?.replaceAll('_', ' ') ?? 'no reason given';
      const next = isGivenBack(session) ? 'The call was given back.' : afterDecline(session);
      return { banner: `Declined: ${why}. ${next}`, tone: 'bad' };
    }
    case 'unknown':
      return { banner: 'Outcome not known yet. Do not take the payment again.', tone: 'bad' };
    case 'failed':
      return { banner: `Failed: ${codeWords(session)}. Nothing more can be charged here.`, tone: 'bad' };
    case 'canceled':
      return { banner: 'Canceled. Nothing was charged.', tone: 'calm' };
    case 'expired':
      return { banner: `Expired: ${codeWords(session)}. Nothing was charged.`, tone: 'bad' };
  }
}

const complete: Banner = {
  banner: 'All fields are complete. Take the payment when the customer agrees.',
  tone: 'good',
};
const degraded: Banner = {
  banner: 'You can talk, but the call did not come back. Tell support.',
  tone: 'bad',
};

function readyBanner(session: SessionObject): Banner {
  const rejected = session.fields.find(({ state }) => state === 'rejected');
  if (rejected === undefined) return { banner: 'Secured. Ask the customer to key the card.', tone: 'good' };
  return { banner: `The ${fieldWords(rejected.name)} was not accepted. Ask for it again.`, tone: 'bad' };
}

function collectingBanner(session: SessionObject): Banner {
  const open = session.fields.find(({ state }) => state === 'collecting');
  const what = open === undefined ? 'digits' : fieldWords(open.name);
  return { banner: `Secured. The customer keys the ${what}.`, tone: 'good' };
}

/** Where the bank refused one field, the rest of the card is kept for a while. */
function afterDecline({ fields }: SessionObject): string {
  const again = fields.filter(({ state }) => state !== 'captured').map(({ name }) => fieldWords(name));
  return again.length === fields.length
    ? 'Another card may be tried.'
    : `Ask for the ${again.join(' and the ')} again, or for another card.`;
}

const codeWords = ({ result }: SessionObject): string =>
  result.failure_code?.replaceAll('_', ' ') ?? 'unknown reason';

/** Where the call runs, for the agent. */
export function callWords({ topology }: SessionObject): string {
  switch (topology) {
    case 'original':
      return 'as it was';
    case 'engaging':
      return 'being secured';
    case 'engaged':
      return 'secured';
    case 'restoring':
      return 'going back';
    case 'restored':
      return 'given back';
    case 'degraded':
      return 'talking, still secured';
    case 'lost':
      return 'ended';
  }
}
