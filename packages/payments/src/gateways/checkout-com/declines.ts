import type { DeclineCategory, RetryAdvice } from '../outcome.ts';

type Advice = readonly [DeclineCategory, RetryAdvice];

/**
 * Checkout.com's response codes ("API response codes") of declines: 20xxx may be tried again, 30xxx may not, 4xxxx are risk rules.
 * Lost, stolen and fraud have the advice of a plain decline, so that it does not give them away.
 */
const CODES: ReadonlyMap<string, Advice> = new Map(
  Object.entries({
    '20001': ['do_not_honour', 'other_card'],
    '20002': ['do_not_honour', 'other_card'],
    '20003': ['config', 'never'],
    '20004': ['not_permitted', 'other_card'],
    '20005': ['do_not_honour', 'other_card'],
    '20006': ['issuer_down', 'same_card_later'],
    '20012': ['not_permitted', 'other_card'],
    '20013': ['config', 'never'],
    '20014': ['bad_number', 'fix_field'],
    '20019': ['issuer_down', 'same_card_later'],
    '20039': ['not_permitted', 'other_card'],
    '20046': ['do_not_honour', 'other_card'],
    '20051': ['funds', 'same_card_later'],
    '20052': ['not_permitted', 'other_card'],
    '20053': ['not_permitted', 'other_card'],
    '20054': ['expired', 'fix_field'],
    '20055': ['not_permitted', 'other_card'],
    '20056': ['bad_number', 'other_card'],
    '20057': ['not_permitted', 'other_card'],
    '20058': ['not_permitted', 'other_card'],
    '20059': ['fraud_block', 'other_card'],
    '20061': ['limit', 'same_card_later'],
    '20062': ['not_permitted', 'other_card'],
    '20063': ['fraud_block', 'other_card'],
    '20064': ['fraud_block', 'other_card'],
    '20065': ['limit', 'same_card_later'],
    '20068': ['issuer_down', 'same_card_later'],
    '20078': ['not_permitted', 'other_card'],
    '20087': ['bad_cvv', 'fix_field'],
    '20091': ['issuer_down', 'same_card_later'],
    '20092': ['issuer_down', 'same_card_later'],
    '20094': ['duplicate', 'never'],
    '20096': ['issuer_down', 'same_card_later'],
    '200N7': ['bad_cvv', 'fix_field'],
    '200R1': ['not_permitted', 'never'],
    '200R3': ['not_permitted', 'never'],
    '20150': ['sca_required', 'other_card'],
    '20151': ['sca_required', 'other_card'],
    '20152': ['sca_required', 'other_card'],
    '20153': ['sca_required', 'other_card'],
    '20154': ['sca_required', 'other_card'],
    '20179': ['bad_number', 'other_card'],
    '20182': ['do_not_honour', 'other_card'],
    '20183': ['fraud_block', 'other_card'],
    '30004': ['lost_stolen', 'other_card'],
    '30007': ['lost_stolen', 'other_card'],
    '30015': ['bad_number', 'fix_field'],
    '30033': ['expired', 'other_card'],
    '30034': ['fraud_block', 'other_card'],
    '30036': ['not_permitted', 'other_card'],
    '30041': ['lost_stolen', 'other_card'],
    '30043': ['lost_stolen', 'other_card'],
  } satisfies Record<string, Advice>),
);

export const adviceOn = (code: string): Advice =>
  CODES.get(code) ?? (/^4\d{4}$/.test(code) ? ['fraud_block', 'other_card'] : ['other', 'other_card']);

/** Error codes of `POST /tokens` that are about the card itself. */
export const CARD_ERRORS: ReadonlyMap<string, Advice> = new Map(
  Object.entries({
    card_number_invalid: ['bad_number', 'fix_field'],
    card_number_required: ['bad_number', 'fix_field'],
    card_expired: ['expired', 'fix_field'],
    card_expiry_month_invalid: ['expired', 'fix_field'],
    card_expiry_year_invalid: ['expired', 'fix_field'],
    cvv_invalid: ['bad_cvv', 'fix_field'],
  } satisfies Record<string, Advice>),
);
