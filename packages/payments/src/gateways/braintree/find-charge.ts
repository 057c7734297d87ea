import { isObject, plain } from '../answer.ts';
import type { ChargeOutcome } from '../outcome.ts';
import type { BraintreeApi } from './api.ts';
import { FOUND_MAX } from './limits.ts';
import { readMade } from './outcome-map.ts';
import { searchBody } from './requests.ts';
import { outcomeOfTransaction, readTransaction, type Transaction } from './transaction.ts';

const QUERY_FAILED = { kind: 'unknown', code: 'query_failed' } as const;

/**
 * What became of the charge with this order id. There may be more than one: the gateway keeps the repetitions that it rejected, too. What
 * was approved counts before what is open, and that before what came to nothing.
 */
export async function queryCharge(
  api: BraintreeApi,
  key: string,
  currency: string,
): Promise<ChargeOutcome | { readonly kind: 'not_found' }> {
  const results = readMade(
    await api.ask('/transactions/advanced_search_ids', searchBody(key)),
    'search_results',
  );
  const ids = isObject(results) ? results.ids : undefined;
  if (!Array.isArray(ids) || ids.length > FOUND_MAX) return QUERY_FAILED;
  const outcomes: ChargeOutcome[] = [];
  for (const id of ids) {
    const transaction = await findTransaction(api, plain(id));
    if (transaction === undefined) return QUERY_FAILED;
    if (transaction.type === 'sale' && transaction.orderId === key)
      outcomes.push(outcomeOfTransaction(transaction, currency));
  }
  const isRepetition = (outcome: ChargeOutcome): boolean =>
    outcome.kind === 'declined' && outcome.advice?.category === 'duplicate';
  return (
    outcomes.find(({ kind }) => kind === 'approved') ??
    outcomes.find(({ kind }) => kind === 'unknown') ??
    outcomes.find((outcome) => !isRepetition(outcome)) ??
    outcomes[0] ?? { kind: 'not_found' }
  );
}

/** Undefined: it is not there, or could not be read. */
export async function findTransaction(
  api: BraintreeApi,
  id: string | null,
): Promise<Transaction | undefined> {
  if (id === null) return undefined;
  return readTransaction(readMade(await api.ask(`/transactions/${encodeURIComponent(id)}`), 'transaction'));
}
