import type { AuditRecordObject, Clock, EventEnvelope, EvidenceObject, SessionObject } from '@sordino/core';
import type { Caller, SessionService } from '@sordino/payments';
import { fromService } from '../http/problem-details.ts';

/** What the audit trail has of a session, oldest first. `sinceMs`: Unix ms from which on it may have something. */
export type AuditReader = (session: string, sinceMs: number) => Promise<readonly AuditRecordObject[]>;

const PAGE_EVENTS = 100;

/** All that is known of one session, in one piece that an assessor can read and keep. */
export async function evidenceOf(
  caller: Caller,
  session: SessionObject,
  from: { readonly service: SessionService; readonly auditOf: AuditReader; readonly clock: Clock },
): Promise<EvidenceObject> {
  const legs = await from.service.legs(caller, session.id);
  if (!legs.ok) throw fromService(legs.problem);
  return {
    object: 'evidence',
    made: from.clock.wallMs(),
    session,
    legs: legs.value.data,
    events: everyEvent(caller, session, from.service),
    audit: await from.auditOf(session.id, session.created * 1_000),
  };
}

function everyEvent(
  caller: Caller,
  { id }: SessionObject,
  service: SessionService,
): readonly EventEnvelope[] {
  const all: EventEnvelope[] = [];
  for (;;) {
    const page = service.events(caller, id, all.at(-1)?.seq ?? 0, PAGE_EVENTS);
    if (!page.ok) throw fromService(page.problem);
    all.push(...page.value.data);
    if (!page.value.has_more) return all;
  }
}
