import type { DeclineCategory, RetryAdvice } from '../outcome.ts';

type Meaning = readonly [DeclineCategory, RetryAdvice];

/** `refusalReasonCode` of a payment ("Refusal reasons"). What is not listed is declined all the same. */
const REFUSALS = new Map<string, Meaning>(
  Object.entries({
    2: ['do_not_honour', 'other_card'], // Refused
    3: ['do_not_honour', 'other_card'], // Referral
    4: ['issuer_down', 'same_card_later'], // Acquirer Error
    5: ['lost_stolen', 'other_card'], // Blocked Card
    6: ['expired', 'fix_field'], // Expired Card
    7: ['config', 'never'], // Invalid Amount
    8: ['bad_number', 'fix_field'], // Invalid Card Number
    9: ['issuer_down', 'same_card_later'], // Issuer Unavailable
    10: ['not_permitted', 'other_card'], // Not supported
    11: ['sca_required', 'other_card'], // 3D Not Authenticated
    12: ['funds', 'other_card'], // Not enough balance
    14: ['fraud_block', 'other_card'], // Acquirer Fraud
    20: ['fraud_block', 'other_card'], // FRAUD
    21: ['config', 'never'], // Not Submitted
    22: ['fraud_block', 'other_card'], // FRAUD-CANCELLED
    23: ['not_permitted', 'other_card'], // Transaction Not Permitted
    24: ['bad_cvv', 'fix_field'], // CVC Declined
    25: ['not_permitted', 'other_card'], // Restricted Card
    26: ['not_permitted', 'other_card'], // Revocation Of Auth
    27: ['do_not_honour', 'other_card'], // Declined Non Generic
    28: ['limit', 'other_card'], // Withdrawal amount exceeded
    29: ['limit', 'other_card'], // Withdrawal count exceeded
    31: ['fraud_block', 'other_card'], // Issuer Suspected Fraud
    32: ['avs', 'fix_field'], // AVS Declined
    33: ['not_permitted', 'other_card'], // Card requires online pin
    38: ['sca_required', 'other_card'], // Authentication required
    42: ['sca_required', 'other_card'], // 3DS Authentication Error
    46: ['limit', 'other_card'], // Blocked by Adyen to prevent excessive retry fees
  } satisfies Record<number, Meaning>),
);

export const meaningOfRefusal = (code: string | null): Meaning =>
  REFUSALS.get(code ?? '') ?? ['other', 'other_card'];

/** `errorCode` of a 422 that is about what the caller has keyed: not our mistake, and another try may help. */
const KEYED_WRONG = new Map<string, Meaning>(
  Object.entries({
    101: ['bad_number', 'fix_field'], // Invalid card number
    102: ['bad_number', 'fix_field'], // Unable to determine variant
    103: ['bad_cvv', 'fix_field'], // CVC is not the right length
    129: ['expired', 'fix_field'], // Expiry date invalid
  } satisfies Record<number, Meaning>),
);

export const meaningOfKeyedWrong = (errorCode: string | null): Meaning | undefined =>
  KEYED_WRONG.get(errorCode ?? '');
