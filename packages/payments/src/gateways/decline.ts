import type { ChargeOutcome, DeclineCategory, RetryAdvice } from './outcome.ts';

/** What the agent may be told of a category: the field that was wrong, or lack of funds; of every other one only that the card was declined. */
const TOLD: Partial<Record<DeclineCategory, string>> = {
  funds: 'insufficient_funds',
  expired: 'expired_card',
  bad_cvv: 'incorrect_cvc',
};

/** `raw`: the gateway's own code, plain already. */
export const declined = (
  category: DeclineCategory,
  retry: RetryAdvice,
  raw: string | null,
): ChargeOutcome => ({
  kind: 'declined',
  declineCode: TOLD[category] ?? 'generic_decline',
  advice: { category, retry, raw },
});
