import { type Log, overriding } from '@sordino/core';
import { maskCardsIn } from '@sordino/observability';
import type { PaymentStore } from '@sordino/payments';

/**
 * The last net before the journal, webhooks, event streams and answers, which all read from here: a card number in a record or an event is
 * masked before it is stored. What comes from outside is refused or thrown away long before: whatever falls in here is a bug to be found.
 */
export const cardFreeStore = (store: PaymentStore, log: Log): PaymentStore =>
  overriding(store, {
    commit(change) {
      const { value, hits } = maskCardsIn(change);
      if (hits > 0)
        log.error('card numbers were kept out of a record: find where they came from', {
          hits,
          session: value.session?.id ?? value.events?.[0]?.session ?? null,
        });
      return store.commit(value);
    },
  });
