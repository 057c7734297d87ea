import { randomInt } from 'node:crypto';
import type { MoneyEntry } from '../money-ledger.ts';

/** Without the digits: a run of them in an id could look like a card number to whoever searches for one. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const PSP_REFERENCE_LENGTH = 16;

export const letters = (length: number): string =>
  Array.from({ length }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');

export interface Payment {
  readonly pspReference: string;
  readonly reference: string;
  readonly kind: MoneyEntry['kind'];
  readonly amount: { readonly currency: string; readonly value: number };
  readonly refusal: string | null;
  readonly token: string | null;
  readonly capturesItself: boolean;
  cancelled: boolean;
  captured: number;
  refunded: number;
}

/** What a modification came to: undefined when it was done, else why not. */
type Refusal = string | undefined;

/** The payments of one merchant account and what became of them. */
export class AdyenBook {
  readonly #payments = new Map<string, Payment>();

  add(payment: Omit<Payment, 'pspReference' | 'cancelled' | 'captured' | 'refunded'>): Payment {
    const pspReference = letters(PSP_REFERENCE_LENGTH);
    const added = { ...payment, pspReference, cancelled: false, captured: 0, refunded: 0 };
    this.#payments.set(pspReference, added);
    return added;
  }

  byPspReference(pspReference: string): Payment | undefined {
    return this.#payments.get(pspReference);
  }

  byReference(reference: string): Payment | undefined {
    return [...this.#payments.values()].find((payment) => payment.reference === reference);
  }

  capture(payment: Payment, value: number): Refusal {
    if (payment.refusal !== null || payment.cancelled) return 'Transaction was not authorised';
    if (payment.captured > 0) return 'Transaction is already captured';
    if (value < 1 || value > payment.amount.value) return 'Insufficient balance on payment';
    payment.captured = value;
    return undefined;
  }

  cancel(payment: Payment): Refusal {
    if (payment.refusal !== null || payment.cancelled) return 'Transaction was not authorised';
    if (payment.captured > 0) return 'Transaction is already captured';
    payment.cancelled = true;
    return undefined;
  }

  refund(payment: Payment, value: number): Refusal {
    if (payment.captured === 0) return "Transaction hasn't been captured, refund not possible";
    if (value < 1 || payment.refunded + value > payment.captured) return 'Insufficient balance on payment';
    payment.refunded += value;
    return undefined;
  }

  /** Cancels what is not captured, refunds what is. */
  reverse(payment: Payment): Refusal {
    return payment.captured === 0
      ? this.cancel(payment)
      : this.refund(payment, payment.captured - payment.refunded);
  }

  /** The hours of the capture delay pass: charges settle on their own. */
  captureDue(): void {
    for (const payment of this.#payments.values())
      if (payment.capturesItself) this.capture(payment, payment.amount.value);
  }

  entries(): MoneyEntry[] {
    return [...this.#payments.values()].map((payment) => ({
      ...{ id: payment.pspReference, reference: payment.reference, kind: payment.kind },
      amount: payment.kind === 'tokenize' ? null : payment.amount.value,
      ...{ currency: payment.amount.currency.toLowerCase(), status: statusOf(payment) },
      ...{ settled: payment.captured, refunded: payment.refunded },
    }));
  }
}

function statusOf(payment: Payment): MoneyEntry['status'] {
  if (payment.refusal !== null) return 'declined';
  if (payment.cancelled) return 'voided';
  if (payment.refunded > 0) return 'refunded';
  return payment.captured > 0 ? 'settled' : 'approved';
}
