import type { Clock } from '@sordino/core';
import type { PaymentStore, StoreChange } from '@sordino/payments';
import { StoreError } from '../store-error.ts';
import { TableStore } from './table-store.ts';
import { RETENTION, type Retention, Tables } from './tables.ts';

/** Everything in this process's memory: for tests and for demos that need not survive a restart. */
export function createMemoryStore(clock: Clock, retention: Retention = RETENTION): PaymentStore {
  return new MemoryPaymentStore(new Tables(clock, retention));
}

class MemoryPaymentStore extends TableStore {
  #closed = false;

  override async commit(change: StoreChange): Promise<void> {
    if (this.#closed) throw new StoreError('closed', 'the store is closed: commit before close().');
    this.tables.apply(change);
    this.retain(change);
  }

  override async close(): Promise<void> {
    this.#closed = true;
  }
}
