import { declined as declinedFor } from '../decline.ts';
import type { ChargeOutcome, DeclineCategory, RetryAdvice } from '../outcome.ts';

type Reason = readonly [category: DeclineCategory, retry: RetryAdvice];

const BAD_NUMBER: Reason = ['bad_number', 'fix_field'];
const EXPIRED: Reason = ['expired', 'fix_field'];
const BAD_CVV: Reason = ['bad_cvv', 'fix_field'];
const BAD_ADDRESS: Reason = ['avs', 'fix_field'];
const NOT_TAKEN: Reason = ['not_permitted', 'other_card'];
const PROCESSOR_DOWN: Reason = ['issuer_down', 'same_card_later'];
const FRAUD: Reason = ['fraud_block', 'never'];
const NO: Reason = ['do_not_honour', 'other_card'];

/** Response reason codes that are about the card, the customer or the way to the bank. What is not here is about the request or the account. */
const REASONS: ReadonlyMap<string, Reason> = new Map(
  Object.entries<Reason>({
    ...{ 2: NO, 3: NO, 4: ['lost_stolen', 'never'] },
    ...{ 6: BAD_NUMBER, 37: BAD_NUMBER, 200: BAD_NUMBER, 315: BAD_NUMBER },
    ...{ 7: EXPIRED, 8: EXPIRED, 201: EXPIRED, 316: EXPIRED, 317: EXPIRED },
    ...{ 17: NOT_TAKEN, 28: NOT_TAKEN },
    ...{ 19: PROCESSOR_DOWN, 20: PROCESSOR_DOWN, 21: PROCESSOR_DOWN, 22: PROCESSOR_DOWN, 23: PROCESSOR_DOWN },
    ...{ 25: PROCESSOR_DOWN, 26: PROCESSOR_DOWN, 57: PROCESSOR_DOWN, 58: PROCESSOR_DOWN, 59: PROCESSOR_DOWN },
    ...{ 60: PROCESSOR_DOWN, 61: PROCESSOR_DOWN, 62: PROCESSOR_DOWN, 63: PROCESSOR_DOWN },
    ...{ 27: BAD_ADDRESS, 127: BAD_ADDRESS, 290: BAD_ADDRESS },
    ...{ 41: FRAUD, 141: FRAUD, 145: FRAUD, 250: FRAUD, 251: FRAUD, 254: FRAUD },
    ...{ 44: BAD_CVV, 45: BAD_CVV, 65: BAD_CVV, 78: BAD_CVV, 165: BAD_CVV },
    11: ['duplicate', 'never'],
  }),
);

/** 11: the gateway has seen the same charge before. */
export const DUPLICATE_REASON = '11';
/** 120 to 122: a void that the gateway made by itself after a time-out failed, so the money may have moved. */
export const UNCERTAIN_REASONS: ReadonlySet<string> = new Set(['120', '121', '122']);

/** Undefined: the reason is none of the card's. */
export function declineOf(reason: string | null): ChargeOutcome | undefined {
  const known = REASONS.get(reason ?? '');
  return known === undefined ? undefined : declinedFor(...known, reason);
}

/** The bank or a filter said no, for whatever reason. */
export const declined = (reason: string | null): ChargeOutcome =>
  declineOf(reason) ?? declinedFor('other', 'other_card', reason);
