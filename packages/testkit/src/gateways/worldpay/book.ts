import { idLetters } from '../../gateway/random-letters.ts';
import type { MoneyEntry } from '../money-ledger.ts';

export type WorldpayEvent =
  | 'Authorized'
  | 'Refused'
  | 'Sent for Settlement'
  | 'Settled'
  | 'Sent for Cancellation'
  | 'Sent for Refund';

export interface WorldpayPayment {
  readonly paymentId: string;
  readonly linkData: string;
  readonly reference: string;
  readonly entity: string;
  readonly kind: 'charge' | 'authorize';
  readonly value: { readonly currency: string; readonly amount: number };
  event: WorldpayEvent;
  /** What look-ups say; undefined: they have not heard of it yet. */
  shown: WorldpayEvent | undefined;
}

/** The payments of one account. Each request books: there are no keys here. */
export class WorldpayBook {
  readonly #payments: WorldpayPayment[] = [];
  #lags = false;

  add(payment: Pick<WorldpayPayment, 'reference' | 'entity' | 'kind' | 'value' | 'event'>): WorldpayPayment {
    const added = { ...payment, paymentId: `pay${idLetters()}`, linkData: idLetters(), shown: undefined };
    this.#payments.push(added);
    this.to(added, payment.event);
    return added;
  }

  to(payment: WorldpayPayment, event: WorldpayEvent): void {
    payment.event = event;
    if (!this.#lags) payment.shown = event;
  }

  byLink(linkData: string): WorldpayPayment | undefined {
    return this.#payments.find((payment) => payment.linkData === linkData);
  }

  byReference(reference: string, entity: string): WorldpayPayment | undefined {
    return this.#payments.find((payment) => payment.reference === reference && payment.entity === entity);
  }

  /** Until it is off again, look-ups know nothing new. */
  lag(on: boolean): void {
    this.#lags = on;
    if (!on) for (const payment of this.#payments) payment.shown = payment.event;
  }

  settleDue(): void {
    for (const payment of this.#payments)
      if (payment.event === 'Sent for Settlement') this.to(payment, 'Settled');
  }

  entries(): MoneyEntry[] {
    return this.#payments.map(({ paymentId, reference, kind, value, event }) => ({
      ...{ id: paymentId, reference, kind, amount: value.amount, currency: value.currency.toLowerCase() },
      ...{ status: STATUS[event], settled: SETTLED.has(event) ? value.amount : 0 },
      refunded: event === 'Sent for Refund' ? value.amount : 0,
    }));
  }
}

const STATUS: Readonly<Record<WorldpayEvent, MoneyEntry['status']>> = {
  ...{ Authorized: 'approved', Refused: 'declined', 'Sent for Settlement': 'settled', Settled: 'settled' },
  ...{ 'Sent for Cancellation': 'voided', 'Sent for Refund': 'refunded' },
};
const SETTLED: ReadonlySet<WorldpayEvent> = new Set(['Sent for Settlement', 'Settled', 'Sent for Refund']);
