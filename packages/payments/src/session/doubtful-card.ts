import type { AttemptId } from '@sordino/core';
import type { ChargeAttempt } from '../charge/attempt.ts';
import type { ServiceContext } from './context.ts';
import { lettersOf } from './letters.ts';
import { OVERRIDE_AFTER_MS } from './limits.ts';
import type { LiveSession } from './live-session.ts';
import { notNow } from './problems.ts';
import type { SessionRecord } from './record.ts';

/** The same for the same card, or bank account, of the same tenant and mode; from the bytes, of which no text is made. */
export const tagOf = (
  { deps }: ServiceContext,
  { tenant, livemode }: SessionRecord,
  { vault }: LiveSession,
): string => lettersOf(deps.tagCard(`${livemode ? 'live' : 'test'} ${tenant}\0`, vault.account));

/**
 * Charges of the same card, amount and currency of which nobody knows whether they were made: what the customer and the agent would do
 * when the first try seemed to fail. `asked`: their answer is being waited for, and they are not in doubt yet.
 */
export function doubtfulCharges(
  { deps }: ServiceContext,
  { intent }: SessionRecord,
  cardTag: string,
  asked: ReadonlySet<AttemptId>,
): readonly ChargeAttempt[] {
  // To save a card twice costs nothing.
  if (intent.type === 'tokenize') return [];
  return deps.store
    .openAttemptsOfCard(cardTag)
    .filter(
      (other) =>
        other.intent.amount === intent.amount &&
        other.intent.currency === intent.currency &&
        other.intent.type !== 'tokenize' &&
        !asked.has(other.id),
    );
}

export const whyNotAgain = ({ key }: ChargeAttempt) =>
  notNow(
    'same_card_unknown',
    `a charge of this card and amount has no known outcome yet (reference ${key}): do not take the payment again; wait for its event, or let a supervisor override it`,
  );

/** What was begun may still be finished, and then both would be charged (decision 0033). */
export const tooSoonToOverride = () =>
  notNow(
    'override_too_soon',
    `the charge without an outcome is still being finished: override it ${OVERRIDE_AFTER_MS / 1_000} seconds after it was made`,
    true,
  );
