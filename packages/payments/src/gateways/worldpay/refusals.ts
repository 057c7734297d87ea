import type { DeclineCategory, RetryAdvice } from '../outcome.ts';

type Meaning = readonly [DeclineCategory, RetryAdvice];

/** `refusalCode` of a payment ("Refusal response codes"). What is not listed is declined all the same. */
const REFUSALS = new Map<string, Meaning>(
  Object.entries({
    1: ['do_not_honour', 'other_card'], // Refer to card issuer
    2: ['do_not_honour', 'other_card'], // Refer to card issuer, special condition
    3: ['config', 'never'], // Invalid acceptor
    4: ['lost_stolen', 'other_card'], // Hold card
    5: ['do_not_honour', 'other_card'], // Refused
    7: ['lost_stolen', 'other_card'], // Pick up card
    12: ['not_permitted', 'other_card'], // Invalid transaction
    13: ['config', 'never'], // Invalid amount
    14: ['bad_number', 'fix_field'], // Invalid card number
    15: ['bad_number', 'fix_field'], // Invalid issuer
    19: ['issuer_down', 'same_card_later'], // Re-enter transaction
    20: ['issuer_down', 'same_card_later'], // Acquirer error
    30: ['config', 'never'], // Format error
    33: ['expired', 'fix_field'], // Card expired
    34: ['fraud_block', 'other_card'], // Fraud suspicion
    39: ['not_permitted', 'other_card'], // No credit account
    41: ['lost_stolen', 'other_card'], // Lost card
    43: ['lost_stolen', 'other_card'], // Stolen card
    46: ['not_permitted', 'other_card'], // Closed account
    51: ['funds', 'other_card'], // Limit exceeded, insufficient funds
    54: ['expired', 'fix_field'], // Expired card
    55: ['bad_cvv', 'fix_field'], // Invalid security code
    56: ['bad_number', 'fix_field'], // Unknown card
    57: ['not_permitted', 'other_card'], // Not permitted to cardholder
    58: ['not_permitted', 'other_card'], // Not permitted to terminal
    59: ['fraud_block', 'other_card'], // Suspected fraud
    61: ['limit', 'other_card'], // Exceeds withdrawal amount limit
    62: ['not_permitted', 'other_card'], // Restricted card
    63: ['fraud_block', 'other_card'], // Security violation
    65: ['limit', 'other_card'], // Exceeds withdrawal frequency limit
    91: ['issuer_down', 'same_card_later'], // Issuer cannot be reached
    94: ['duplicate', 'never'], // Duplicate transmission
    96: ['issuer_down', 'same_card_later'], // System malfunction
  } satisfies Record<number, Meaning>),
);

export const meaningOfRefusal = (code: string | null): Meaning =>
  REFUSALS.get(code ?? '') ?? ['other', 'other_card'];

/** Ends of `validationErrors[].jsonPath` that are about what the caller has keyed: not our mistake, and another try may help. */
const KEYED_WRONG: readonly (readonly [end: RegExp, Meaning])[] = [
  [/\.cardNumber$/, ['bad_number', 'fix_field']],
  [/\.cvc$/, ['bad_cvv', 'fix_field']],
  [/\.expiryDate(\.\w+)?$/, ['expired', 'fix_field']],
];

export const meaningOfKeyedWrong = (jsonPath: string): Meaning | undefined =>
  KEYED_WRONG.find(([end]) => end.test(jsonPath))?.[1];
