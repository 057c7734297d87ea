import { createHmac, randomBytes, randomInt } from 'node:crypto';
import { MoneyLedger, type MoneyReport } from '../money-ledger.ts';
import type { TransactionRequest } from './protocol.ts';
import { type Verdict, verdictOn } from './test-cards.ts';

/** A transaction as the gateway keeps it; no card data but the last four. */
export interface Transaction {
  readonly transId: string;
  readonly type: TransactionRequest['transactionType'];
  readonly invoiceNumber: string | undefined;
  readonly description: string | undefined;
  readonly refTransId: string | undefined;
  readonly refId: string | undefined;
  readonly authCode: string;
  readonly accountNumber: string;
  readonly marketType: string | undefined;
  readonly verdict: Verdict;
  readonly submitted: number;
  readonly authAmount: number;
  status: string;
  settleAmount: number;
  refunded: number;
  batchId: string | undefined;
}

/** What was done, or which reason speaks against it; `original`: the transaction that this one repeats. */
export type Done =
  | { readonly transaction: Transaction }
  | { readonly reason: string; readonly original?: Transaction };

type Tell = (event: string, transaction: Transaction) => void;

const FIELD_LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ0123456789';
const DEFAULT_WINDOW_S = 120;

/** Everything that a merchant's account remembers. */
export class Account {
  readonly #transactions = new Map<string, Transaction>();
  readonly #batches: { batchId: string; settledMs: number }[] = [];
  readonly #seen: { print: string; atMs: number; transaction: Transaction }[] = [];
  /** Requests hold card numbers, so they are compared as keyed digests and not kept. */
  readonly #printKey = randomBytes(32);
  readonly #ledger = new MoneyLedger();
  readonly #tell: Tell;
  readonly nowMs: () => number;

  constructor(tell: Tell, nowMs: () => number) {
    this.#tell = tell;
    this.nowMs = nowMs;
  }

  transaction(transId: string): Transaction | undefined {
    return this.#transactions.get(transId);
  }

  /** Of one batch; undefined: those that wait for settlement. Newest first. */
  list(batchId: string | undefined): readonly Transaction[] {
    return [...this.#transactions.values()].filter((each) => each.batchId === batchId).reverse();
  }

  batches(): readonly { batchId: string; settledMs: number }[] {
    return this.#batches;
  }

  report(): MoneyReport {
    return this.#ledger.report();
  }

  do(request: TransactionRequest, refId: string | undefined): Done {
    const nowMs = this.nowMs();
    const { transactionType } = request;
    if (transactionType === 'voidTransaction') return this.#void(request);
    if (transactionType === 'priorAuthCaptureTransaction') return this.#capture(request);
    const { original, print } = this.#repeated(request, nowMs);
    if (original !== undefined) return original;
    const done =
      transactionType === 'refundTransaction'
        ? this.#refund(request, refId, nowMs)
        : this.#pay(request, refId, nowMs);
    if ('transaction' in done) this.#seen.push({ print, atMs: nowMs, transaction: done.transaction });
    return done;
  }

  savedCard(profileId: string, reference: string): void {
    this.#ledger.add({
      ...{ id: profileId, reference, kind: 'tokenize', status: 'approved' },
      ...{ amount: null, currency: null },
    });
  }

  /** What the merchant decides about a transaction that a filter holds. */
  review(transId: string, accept: boolean): void {
    const transaction = this.#transactions.get(transId);
    if (transaction?.status !== 'FDSPendingReview') throw new Error(`${transId} is not held for review`);
    const isAuthOnly = transaction.type === 'authOnlyTransaction';
    transaction.status = accept ? (isAuthOnly ? AUTHORISED : CAPTURED) : 'failedReview';
    this.#ledger.change(transId, { status: accept ? 'approved' : 'declined' });
    this.#tell(accept ? 'fraud.approved' : 'fraud.declined', transaction);
  }

  /** The nightly run: all but what waits to be captured or reviewed goes into one batch. */
  settleBatch(): void {
    const batchId = digits(7);
    this.#batches.push({ batchId, settledMs: this.nowMs() });
    for (const transaction of this.list(undefined)) {
      const { status } = transaction;
      if (status === AUTHORISED || status === 'FDSPendingReview') continue;
      transaction.batchId = batchId;
      if (status === CAPTURED) transaction.status = SETTLED;
      if (status === 'refundPendingSettlement') transaction.status = 'refundSettledSuccessfully';
    }
  }

  #pay(request: TransactionRequest, refId: string | undefined, nowMs: number): Done {
    const { payment, transactionType, billTo, currencyCode = 'USD' } = request;
    const amount = Number(request.amount ?? 0);
    if (payment === undefined || amount <= 0) return { reason: '5' };
    const isAuthOnly = transactionType === 'authOnlyTransaction';
    const minor = Math.round(amount * 100);
    const verdict = verdictOn(payment.creditCard, billTo?.zip, minor, nowMs);
    if (verdict.responseCode === '3') return { reason: verdict.reason ?? '' };
    const status = { 1: isAuthOnly ? AUTHORISED : CAPTURED, 2: 'declined', 4: 'FDSPendingReview' };
    const settles = verdict.responseCode === '1' && !isAuthOnly;
    const transaction = this.#add(request, refId, nowMs, {
      ...{ verdict, status: status[verdict.responseCode], settleAmount: settles ? amount : 0 },
      authCode: verdict.responseCode === '2' ? '' : letters(6),
    });
    this.#ledger.add({
      ...{ id: transaction.transId, reference: keyOf(request) ?? transaction.invoiceNumber ?? '' },
      ...{ kind: isAuthOnly ? 'authorize' : 'charge', amount: minor, currency: currencyCode.toLowerCase() },
      status: verdict.responseCode === '1' ? 'approved' : 'declined',
    });
    this.#tell(isAuthOnly ? 'authorization.created' : 'authcapture.created', transaction);
    return { transaction };
  }

  #capture({ refTransId, amount }: TransactionRequest): Done {
    const transaction = this.#transactions.get(refTransId ?? '');
    if (transaction === undefined) return { reason: '16' };
    if (transaction.status === CAPTURED || transaction.status === SETTLED) return { reason: '311' };
    if (transaction.status !== AUTHORISED) return { reason: '33' };
    const settled = Number(amount ?? transaction.authAmount);
    if (settled > transaction.authAmount) return { reason: '47' };
    transaction.status = CAPTURED;
    transaction.settleAmount = settled;
    this.#ledger.change(transaction.transId, { status: 'settled', settled: Math.round(settled * 100) });
    this.#tell('priorAuthCapture.created', transaction);
    return { transaction };
  }

  #void({ refTransId }: TransactionRequest): Done {
    const transaction = this.#transactions.get(refTransId ?? '');
    if (transaction === undefined || transaction.batchId !== undefined || transaction.status === 'declined')
      return { reason: '16' };
    // Said again, it is answered as done.
    if (transaction.status !== 'voided') {
      transaction.status = 'voided';
      this.#ledger.change(transaction.transId, { status: 'voided' });
      this.#tell('void.created', transaction);
    }
    return { transaction };
  }

  #refund(request: TransactionRequest, refId: string | undefined, nowMs: number): Done {
    const charge = this.#transactions.get(request.refTransId ?? '');
    const amount = Number(request.amount ?? 0);
    const lastFour = request.payment?.creditCard.cardNumber.slice(-4);
    if (charge === undefined) return { reason: '16' };
    if (charge.status !== SETTLED || charge.accountNumber !== `XXXX${lastFour}`) return { reason: '54' };
    if (charge.refunded + amount > charge.settleAmount) return { reason: '55' };
    charge.refunded += amount;
    const refund = this.#add(request, refId, nowMs, {
      ...{ verdict: { responseCode: '1', reason: null }, status: 'refundPendingSettlement', authCode: '' },
      settleAmount: amount,
    });
    this.#ledger.change(charge.transId, { status: 'refunded', refunded: Math.round(charge.refunded * 100) });
    this.#tell('refund.created', refund);
    return { transaction: refund };
  }

  #add(
    { order, payment, refTransId, retail, amount, transactionType }: TransactionRequest,
    refId: string | undefined,
    submitted: number,
    more: Pick<Transaction, 'verdict' | 'status' | 'settleAmount' | 'authCode'>,
  ): Transaction {
    const transaction: Transaction = {
      ...{ transId: `60${digits(9)}`, type: transactionType, refId, refTransId, submitted, ...more },
      ...{ invoiceNumber: order?.invoiceNumber, description: order?.description },
      accountNumber: `XXXX${payment?.creditCard.cardNumber.slice(-4) ?? ''}`,
      ...{ marketType: retail?.marketType, authAmount: Number(amount ?? 0), refunded: 0, batchId: undefined },
    };
    this.#transactions.set(transaction.transId, transaction);
    return transaction;
  }

  /** The same card, amount, type, invoice and address within the window. Only who sent a window is told which one it repeats. */
  #repeated(
    request: TransactionRequest,
    nowMs: number,
  ): { readonly original?: Done; readonly print: string } {
    const { transactionType, amount, payment, order, refTransId, billTo, transactionSettings } = request;
    const facts = [transactionType, amount, payment, order?.invoiceNumber, refTransId, billTo];
    const print = createHmac('sha256', this.#printKey).update(JSON.stringify(facts)).digest('base64');
    const given = settingOf(transactionSettings?.setting, 'duplicateWindow');
    const windowMs = 1_000 * Number(given ?? DEFAULT_WINDOW_S);
    const known = this.#seen.find((each) => each.print === print && nowMs - each.atMs < windowMs);
    if (known === undefined) return { print };
    this.#ledger.replayed();
    return {
      print,
      original: { reason: '11', ...(given === undefined ? {} : { original: known.transaction }) },
    };
  }
}

const AUTHORISED = 'authorizedPendingCapture';
const CAPTURED = 'capturedPendingSettlement';
const SETTLED = 'settledSuccessfully';

const listed = (value: unknown): readonly Record<string, string>[] =>
  (Array.isArray(value) ? value : [value]) as Record<string, string>[];
const settingOf = (settings: unknown, name: string): string | undefined =>
  settings === undefined
    ? undefined
    : listed(settings).find((each) => each.settingName === name)?.settingValue;
const keyOf = ({ userFields }: TransactionRequest): string | undefined =>
  userFields === undefined
    ? undefined
    : listed(userFields.userField).find(({ name }) => name === 'reference')?.value;

export const digits = (count: number): string =>
  Array.from({ length: count }, (_, at) => randomInt(at === 0 ? 1 : 0, 10)).join('');
const letters = (count: number): string =>
  Array.from({ length: count }, () => FIELD_LETTERS.charAt(randomInt(FIELD_LETTERS.length))).join('');
