import type { PaymentStatus, SessionId } from '@sordino/core';
import type { ServiceContext } from './context.ts';
import type { SessionRecord } from './record.ts';

/** Between the customer's first key and the gateway's answer. */
const IN_PROGRESS: ReadonlySet<PaymentStatus> = new Set(['collecting', 'ready_to_confirm', 'processing']);

/** Sessions in which somebody would have to start over, should the call be taken from under them now. */
export function paymentsInProgress({ deps, live }: ServiceContext): SessionId[] {
  return [...live.values()]
    .filter(({ id, closed }) => {
      const record = deps.store.session(id);
      return record !== undefined && isInProgress(record, closed);
    })
    .map(({ id }) => id);
}

function isInProgress({ status, fields }: SessionRecord, closed: boolean): boolean {
  if (status === 'processing') return true;
  if (closed) return false;
  // Between two fields the payment is `ready` again.
  return IN_PROGRESS.has(status) || (status === 'ready' && fields.some(({ state }) => state === 'captured'));
}
