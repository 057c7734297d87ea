import { plain } from '../answer.ts';
import { declined as declinedFor } from '../decline.ts';
import type { ChargeOutcome, DeclineCategory, RetryAdvice } from '../outcome.ts';

const CODES: Readonly<Partial<Record<DeclineCategory, readonly number[]>>> = {
  do_not_honour: [2000, 2011, 2017, 2018, 2041, 2043, 2044, 2046],
  funds: [2001],
  limit: [2002, 2003],
  expired: [2004, 2006],
  bad_number: [2005, 2007, 2008, 2009, 2051],
  bad_cvv: [2010],
  lost_stolen: [2012, 2013, 2047, 2053],
  fraud_block: [2014, 2020, 2021],
  not_permitted: [2015, 2019, 2023, 2024, 2057, 2064],
  duplicate: [2016],
  config: [2025, 2026, 2027, 2028, 2029, 2030, 2040, 2042, 2045],
  avs: [2059, 2060],
  sca_required: [2099],
  issuer_down: [2034, 3000],
};
const CATEGORY_OF = new Map<string, DeclineCategory>(
  Object.entries(CODES).flatMap(([category, codes]) =>
    codes.map((code): [string, DeclineCategory] => [String(code), category as DeclineCategory]),
  ),
);

const RETRY: Readonly<Partial<Record<DeclineCategory, RetryAdvice>>> = {
  ...{ expired: 'fix_field', bad_number: 'fix_field', bad_cvv: 'fix_field', avs: 'fix_field' },
  ...{ lost_stolen: 'never', fraud_block: 'never', duplicate: 'never', config: 'never' },
  ...{ funds: 'same_card_later', limit: 'same_card_later', issuer_down: 'same_card_later' },
};

export const declined = (category: DeclineCategory, raw: string | null, isSoft = false): ChargeOutcome =>
  declinedFor(category, RETRY[category] ?? (isSoft ? 'same_card_later' : 'other_card'), raw);

/** By the processor: a code from 2000, and whether another try later may help (`soft_declined`). */
export function declinedByProcessor(code: unknown, type: unknown): ChargeOutcome {
  const raw = plain(code);
  return declined(CATEGORY_OF.get(raw ?? '') ?? 'other', raw, type === 'soft_declined');
}

const REJECTIONS: ReadonlyMap<string, DeclineCategory> = new Map(
  Object.entries<DeclineCategory>({
    ...{ avs: 'avs', cvv: 'bad_cvv', avs_and_cvv: 'bad_cvv', duplicate: 'duplicate' },
    ...{ fraud: 'fraud_block', risk_threshold: 'fraud_block', three_d_secure: 'sca_required' },
    application_incomplete: 'config',
  }),
);

/** By a rule of the account. */
export function rejected(reason: unknown): ChargeOutcome {
  const raw = plain(reason);
  return declined(REJECTIONS.get(raw ?? '') ?? 'other', raw);
}

/** Validation errors that are about what the customer keyed; all others are about the request or the account. */
const FIELD_ERRORS: ReadonlyMap<string, DeclineCategory> = new Map(
  Object.entries<DeclineCategory>({
    ...{ 81715: 'bad_number', 81716: 'bad_number', 81717: 'bad_number', 81703: 'not_permitted' },
    ...{ 81706: 'bad_cvv', 81707: 'bad_cvv', 81709: 'expired', 81710: 'expired', 81711: 'expired' },
    ...{ 81712: 'expired', 81713: 'expired', 81813: 'avs', 81808: 'avs' },
  }),
);

export function invalid(code: string | null): ChargeOutcome {
  const category = FIELD_ERRORS.get(code ?? '');
  if (category !== undefined) return declined(category, code);
  return { kind: 'failed', code: code === null ? 'gateway_refused_request' : `validation_${code}` };
}
