import type { ServiceContext } from './context.ts';
import { wipedFields } from './fields.ts';
import type { EventDraft, RecordPatch } from './ledger.ts';
import type { SessionRecord } from './record.ts';
import { isBeforeCharge, type PaymentEvent } from './status-machine.ts';

export interface Departure {
  readonly on?: PaymentEvent;
  readonly failureCode?: string;
  readonly events?: readonly EventDraft[];
  readonly patch?: RecordPatch;
}

/**
 * The exit that all ways out of a session share: first the card data goes, whatever happens to the store, then it is recorded.
 */
export async function leave(
  context: ServiceContext,
  record: SessionRecord,
  departure: Departure,
): Promise<SessionRecord> {
  const live = context.live.get(record.id);
  const collecting = live?.collector !== undefined;
  live?.close();
  if (collecting) context.deps.calls.setCollecting(record.id, false);
  return context.ledger.change(record.id, {
    ...(departure.on === undefined ? {} : { on: departure.on }),
    patch: {
      fields: wipedFields(record.fields),
      ...(departure.failureCode === undefined
        ? {}
        : { result: { ...record.result, failureCode: departure.failureCode } }),
      ...departure.patch,
    },
    events: departure.events ?? [],
  });
}

/**
 * Forgets what is in memory once neither the call nor the payment can need it. A payment that was handed back before its charge is
 * still watched: its lifetime ends it as expired.
 */
export function forgetIfOver({ live }: ServiceContext, record: SessionRecord): void {
  const found = live.get(record.id);
  if (!record.callEnded || found === undefined) return;
  found.close();
  if (record.status === 'processing' || isBeforeCharge(record.status)) return;
  found.end();
  live.delete(record.id);
}
