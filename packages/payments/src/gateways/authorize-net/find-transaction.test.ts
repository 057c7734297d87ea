import { describe, expect, it } from '@jest/globals';
import type { HttpOutcome } from '../http.ts';
import { AuthorizeNetApi } from './api.ts';
import { findTransaction } from './find-transaction.ts';
import { PAGE_ENTRIES, PAGES_MAX } from './limits.ts';

const NOW = Date.UTC(2026, 10, 22, 18);
const MADE = NOW - 5 * 60_000;
const ID = '60123456789';

interface Asked {
  readonly root: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/** The gateway's lists, as the test has them. */
function aGateway(answer: (asked: Asked) => object | undefined) {
  const asked: Asked[] = [];
  const api = new AuthorizeNetApi('http://gateway', { name: 'n', transactionKey: 'k' }, async ({ body }) => {
    const [[root, members] = ['', {}]] = Object.entries(JSON.parse(new TextDecoder().decode(body)) as object);
    const question = { root, members: members as Asked['members'] };
    asked.push(question);
    const members_ = answer(question);
    const messages = { resultCode: 'Ok', message: [{ code: 'I00001', text: '' }] };
    const text = JSON.stringify({ ...members_, messages });
    const outcome: HttpOutcome = { kind: 'answered', status: 200, body: new TextEncoder().encode(text) };
    return members_ === undefined ? { kind: 'lost', code: 'ECONNRESET' } : outcome;
  });
  const find = (invoice = 'inv-1', sinceMs = MADE) => findTransaction(api, invoice, sinceMs, NOW);
  return { asked, find, roots: () => asked.map(({ root }) => root) };
}

const entry = (invoiceNumber: string, transId = ID, transactionStatus = 'capturedPendingSettlement') => ({
  ...{ invoiceNumber, transId, transactionStatus, submitTimeUTC: '2026-11-22T17:56:00Z' },
});
const aPage = (at = '2026-11-22T17:59:00Z') =>
  Array.from({ length: PAGE_ENTRIES }, (_, n) => ({ ...entry(`other-${n}`), submitTimeUTC: at }));
const unsettled = ({ root }: Asked): boolean => root === 'getUnsettledTransactionListRequest';
const pageOf = ({ members }: Asked): unknown => (members.paging as { offset: number }).offset;

describe('the transaction with our invoice number', () => {
  it('is looked for among the unsettled first, page by page, newest first', async () => {
    const { find, asked } = aGateway((question) =>
      pageOf(question) === 3 ? { transactions: [entry('x'), entry('inv-1')] } : { transactions: aPage() },
    );
    expect(await find()).toEqual({ transId: ID });
    expect(asked.map(pageOf)).toEqual([1, 2, 3]);
    expect(asked[0]?.members.sorting).toEqual({ orderBy: 'submitTimeUTC', orderDescending: true });
  });

  it('is not looked for further back than the charge', async () => {
    const { find, roots } = aGateway((question) =>
      unsettled(question) ? { transactions: aPage('2026-11-22T17:44:59Z') } : {},
    );
    expect(await find()).toBe('nowhere');
    expect(roots()).toEqual(['getUnsettledTransactionListRequest', 'getSettledBatchListRequest']);
  });

  it('is looked for in the batches since, within a month', async () => {
    const { find, asked } = aGateway(({ root, members }) => {
      if (root === 'getSettledBatchListRequest') return { batchList: [{ batchId: '1' }, { batchId: '2' }] };
      return members.batchId === '2' ? { transactions: [entry('inv-1')] } : {};
    });
    expect(await find()).toEqual({ transId: ID });
    expect(asked[1]?.members).toMatchObject({
      ...{ firstSettlementDate: '2026-11-22T17:45:00Z', lastSettlementDate: '2026-11-22T18:10:00Z' },
    });
    const old = aGateway(() => ({}));
    expect(await old.find('inv-1', 0)).toBe('nowhere');
    expect(old.asked[1]?.members.firstSettlementDate).toBe('2026-10-23T18:00:00Z');
  });

  it('is the one that was paid, where there is one that came to nothing too', async () => {
    const no = entry('inv-1', '60999999999', 'declined');
    expect(await aGateway(() => ({ transactions: [no, entry('inv-1')] })).find()).toEqual({ transId: ID });
    expect(await aGateway(() => ({ transactions: [no] })).find()).toEqual({ transId: '60999999999' });
  });

  it.each<[string, (asked: Asked) => object | undefined]>([
    ['the unsettled', () => undefined],
    ['the batches', (question) => (unsettled(question) ? {} : undefined)],
    [
      'a batch',
      ({ root }) => (root === 'getTransactionListRequest' ? undefined : { batchList: [{ batchId: '1' }] }),
    ],
    ['a batch without an id', () => ({ batchList: [{}] })],
    [
      'too many batches',
      () => ({ batchList: Array.from({ length: 61 }, (_, n) => ({ batchId: String(n) })) }),
    ],
  ])('is neither here nor nowhere when %s cannot be read', async (_name, answer) =>
    expect(await aGateway(answer).find()).toBe('failed'),
  );

  it('is neither when the list has no end', async () => {
    const { find, asked } = aGateway(() => ({ transactions: aPage() }));
    expect(await find()).toBe('failed');
    expect(asked).toHaveLength(PAGES_MAX);
  });
});
