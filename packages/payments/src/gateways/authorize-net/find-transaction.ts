import { utcText } from '../utc-text.ts';
import { codeOf, listOf, readAnswer, transIdOf } from './answers.ts';
import type { AuthorizeNetApi } from './api.ts';
import { cameToNothing } from './details.ts';
import { BATCH_DAYS_MAX, BATCHES_MAX, CLOCK_SLACK_MS, PAGE_ENTRIES, PAGES_MAX } from './limits.ts';

/** `failed`: a list could not be read, or was too long to be read to its end; that proves nothing. */
export type Found = { readonly transId: string } | 'nowhere' | 'failed';

const DAY_MS = 86_400_000;

/**
 * The transaction with this invoice number, made after `sinceMs`. There is no look-up by it, so the lists are read, newest first: those
 * that wait for settlement, then the batches that were settled since (in this order, for a transaction moves only from the first to the
 * second).
 */
export async function findTransaction(
  api: AuthorizeNetApi,
  invoiceNumber: string,
  sinceMs: number,
  nowMs: number,
): Promise<Found> {
  const since = utcText(Math.max(sinceMs - CLOCK_SLACK_MS, nowMs - BATCH_DAYS_MAX * DAY_MS));
  const unsettled = await search(api, 'getUnsettledTransactionListRequest', {}, invoiceNumber, since);
  if (unsettled !== 'nowhere') return unsettled;
  const batches = readAnswer(
    await api.ask('getSettledBatchListRequest', {
      ...{ firstSettlementDate: since, lastSettlementDate: utcText(nowMs + CLOCK_SLACK_MS) },
    }),
  );
  if (batches?.isOk !== true) return 'failed';
  const list = listOf(batches.members.batchList);
  if (list.length > BATCHES_MAX) return 'failed';
  for (const batch of list) {
    const batchId = codeOf(batch.batchId);
    if (batchId === null) return 'failed';
    const settled = await search(api, 'getTransactionListRequest', { batchId }, invoiceNumber, since);
    if (settled !== 'nowhere') return settled;
  }
  return 'nowhere';
}

async function search(
  api: AuthorizeNetApi,
  root: string,
  which: object,
  invoiceNumber: string,
  since: string,
): Promise<Found> {
  let refused: string | undefined;
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const answer = readAnswer(
      await api.ask(root, {
        ...which,
        sorting: { orderBy: 'submitTimeUTC', orderDescending: true },
        paging: { limit: PAGE_ENTRIES, offset: page },
      }),
    );
    if (answer?.isOk !== true) return 'failed';
    const entries = listOf(answer.members.transactions);
    for (const { invoiceNumber: invoice, transId: id, transactionStatus } of entries) {
      const transId = transIdOf(id);
      if (invoice !== invoiceNumber || transId === null) continue;
      if (!cameToNothing(transactionStatus)) return { transId };
      refused ??= transId;
    }
    const oldest = entries.at(-1)?.submitTimeUTC;
    if (entries.length < PAGE_ENTRIES || (typeof oldest === 'string' && oldest < since))
      return refused === undefined ? 'nowhere' : { transId: refused };
  }
  return 'failed';
}
