import { createHmac, randomBytes, randomInt } from 'node:crypto';
import { MoneyLedger, type MoneyReport } from '../money-ledger.ts';
import type { Bodies, CardFields } from './schemas.ts';
import { type Verdict, verdictOn } from './test-cards.ts';

/** A transaction as the gateway keeps it; no card data but the first six and last four. */
export interface Transaction {
  readonly id: string;
  readonly type: 'sale' | 'credit';
  readonly orderId: string | undefined;
  readonly source: string | undefined;
  readonly verdict: Verdict;
  readonly authCode: string | null;
  readonly card: { readonly bin: string; readonly last_4: string };
  readonly refundedId: string | null;
  readonly refundIds: string[];
  status: string;
  /** Minor units. */
  amount: number;
}

interface Customer {
  readonly id: string;
  readonly token: string;
  readonly last4: string;
}

/** Why something was not done, by the code of a validation error. */
export interface Invalid {
  readonly invalid: string;
  readonly attribute: string;
}

/** How long the same sale again is rejected, by default. */
const DUPLICATE_WINDOW_MS = 30_000;

const PAID = new Set(['authorized', 'submitted_for_settlement', 'settling', 'settled', 'voided']);

/** Everything that a merchant's account remembers. */
export class Account {
  readonly currency: string;
  readonly nowMs: () => number;
  readonly #transactions = new Map<string, Transaction>();
  readonly #customers = new Map<string, Customer>();
  readonly #sales: { print: string; atMs: number; transaction: Transaction }[] = [];
  /** Requests hold card numbers, so they are compared as keyed digests and not kept. */
  readonly #printKey = randomBytes(32);
  readonly #ledger = new MoneyLedger();

  constructor(currency: string, nowMs: () => number) {
    this.currency = currency;
    this.nowMs = nowMs;
  }

  transaction(id: string): Transaction | undefined {
    return this.#transactions.get(id);
  }

  customer(id: string): Customer | undefined {
    return this.#customers.get(id);
  }

  byOrder(orderId: string | undefined): readonly Transaction[] {
    return [...this.#transactions.values()].filter((each) => each.orderId === orderId).reverse();
  }

  report(): MoneyReport {
    return this.#ledger.report();
  }

  sale({ transaction: asked }: Bodies['sale'], nowMs: number): Transaction | Invalid {
    const { amount: text, order_id: orderId, credit_card: card, billing, options } = asked;
    const amount = minor(text);
    const given = verdictOn(card, billing?.postal_code, amount, nowMs);
    if (given.status === 'invalid') return { invalid: given.code, attribute: given.attribute };
    const print = this.#print([amount, orderId, card.number, card.expiration_month, card.expiration_year]);
    const isRepetition = this.#sales.some(
      (each) =>
        each.print === print && nowMs - each.atMs < DUPLICATE_WINDOW_MS && PAID.has(each.transaction.status),
    );
    const verdict: Verdict = isRepetition ? { status: 'gateway_rejected', reason: 'duplicate' } : given;
    const isPaid = verdict.status === 'authorized';
    const settles = options?.submit_for_settlement === true;
    const transaction: Transaction = {
      ...{ id: id(), type: 'sale', orderId, source: asked.transaction_source, verdict, amount },
      authCode: isPaid ? String(randomInt(100_000, 1_000_000)) : null,
      card: { bin: card.number.slice(0, 6), last_4: card.number.slice(-4) },
      ...{ refundedId: null, refundIds: [] },
      status: isPaid && settles ? 'submitted_for_settlement' : verdict.status,
    };
    this.#transactions.set(transaction.id, transaction);
    this.#sales.push({ print, atMs: nowMs, transaction });
    if (isRepetition) this.#ledger.replayed();
    else
      this.#ledger.add({
        ...{ id: transaction.id, reference: orderId ?? '', kind: settles ? 'charge' : 'authorize' },
        ...{ amount, currency: this.currency, status: isPaid ? 'approved' : 'declined' },
      });
    return transaction;
  }

  save(
    { customer: { id: customerId, credit_card: card } }: Bodies['customer'],
    nowMs: number,
  ): Customer | Invalid | { readonly verification: Verdict } {
    if (this.#customers.has(customerId)) return { invalid: '91609', attribute: 'id' };
    const verdict = verdictOn(card, card.billing_address?.postal_code, 0, nowMs);
    if (verdict.status === 'invalid') return { invalid: verdict.code, attribute: verdict.attribute };
    if (verdict.status !== 'authorized') return { verification: verdict };
    const customer = { id: customerId, token: id(), last4: lastFour(card) };
    this.#customers.set(customerId, customer);
    this.#ledger.add({
      ...{ id: customer.token, reference: customerId, kind: 'tokenize', status: 'approved' },
      ...{ amount: null, currency: null },
    });
    return customer;
  }

  submit(transaction: Transaction, text: string | undefined): Invalid | undefined {
    if (transaction.status !== 'authorized') return { invalid: '91507', attribute: 'base' };
    const amount = text === undefined ? transaction.amount : minor(text);
    if (amount > transaction.amount) return { invalid: '91522', attribute: 'amount' };
    transaction.status = 'submitted_for_settlement';
    transaction.amount = amount;
    this.#ledger.change(transaction.id, { status: 'settled', settled: amount });
    return undefined;
  }

  void(transaction: Transaction): Invalid | undefined {
    if (!['authorized', 'submitted_for_settlement'].includes(transaction.status))
      return { invalid: '91504', attribute: 'base' };
    transaction.status = 'voided';
    this.#ledger.change(transaction.id, { status: 'voided' });
    return undefined;
  }

  refund(sale: Transaction, { transaction: asked }: Bodies['amount']): Transaction | Invalid {
    if (sale.status !== 'settled' && sale.status !== 'settling')
      return { invalid: '91506', attribute: 'base' };
    const amount = asked.amount === undefined ? sale.amount : minor(asked.amount);
    const before = sale.refundIds.reduce((sum, each) => sum + (this.transaction(each)?.amount ?? 0), 0);
    if (before + amount > sale.amount) return { invalid: '91521', attribute: 'amount' };
    const credit: Transaction = {
      ...{ id: id(), type: 'credit', orderId: asked.order_id ?? sale.orderId, source: undefined, amount },
      ...{ verdict: { status: 'authorized' }, authCode: null, card: sale.card },
      ...{ refundedId: sale.id, refundIds: [], status: 'submitted_for_settlement' },
    };
    this.#transactions.set(credit.id, credit);
    sale.refundIds.push(credit.id);
    this.#ledger.change(sale.id, { status: 'refunded', refunded: before + amount });
    return credit;
  }

  /** The nightly settlement; the sales that were settled by it. */
  settleBatch(): readonly Transaction[] {
    const submitted = [...this.#transactions.values()].filter(
      ({ status }) => status === 'submitted_for_settlement',
    );
    for (const transaction of submitted) transaction.status = 'settled';
    return submitted.filter(({ type }) => type === 'sale');
  }

  #print(facts: readonly unknown[]): string {
    return createHmac('sha256', this.#printKey).update(JSON.stringify(facts)).digest('base64');
  }
}

const minor = (text: string): number => Math.round(Number(text) * 100);
const lastFour = ({ number }: CardFields): string => number.slice(-4);
const LETTERS = 'abcdefghjkmnpqrstvwxyz0123456789';
const id = (): string => Array.from({ length: 8 }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');
