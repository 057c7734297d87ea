import type { ChargeOutcome, DeclineAdvice, DeclineCategory } from '../gateways/outcome.ts';
import type { PaymentResult } from './attempt.ts';

type Declined = Extract<ChargeOutcome, { readonly kind: 'declined' }>;
type Shown = Pick<PaymentResult, 'declineCode' | 'declineCategory' | 'retry'>;

/** For a gateway that gives a code and no more. */
const BY_CODE: Readonly<Record<string, Pick<DeclineAdvice, 'category' | 'retry'>>> = {
  insufficient_funds: { category: 'funds', retry: 'same_card_later' },
  expired_card: { category: 'expired', retry: 'fix_field' },
  incorrect_cvc: { category: 'bad_cvv', retry: 'fix_field' },
};
const PLAIN_DECLINE = { category: 'other', retry: 'other_card' } as const;

/** An agent who can tell these from others can tell the caller, who may be the thief. */
const HIDDEN: ReadonlySet<DeclineCategory> = new Set(['lost_stolen', 'fraud_block']);

export const adviceOf = ({ advice, declineCode }: Declined): DeclineAdvice =>
  advice ?? { ...(BY_CODE[declineCode] ?? PLAIN_DECLINE), raw: null };

/** What of a decline an agent may see. */
export function shownOf(declined: Declined): Shown {
  const { category, retry } = adviceOf(declined);
  return HIDDEN.has(category)
    ? {
        declineCode: 'generic_decline',
        declineCategory: PLAIN_DECLINE.category,
        retry: PLAIN_DECLINE.retry,
      }
    : { declineCode: declined.declineCode, declineCategory: category, retry };
}
