import type { AuditEventObject } from '@sordino/core';
import type { AuditFilter, AuditLister } from '../routes/audit-events.ts';

/** A trail of three entries of whoever asks; it keeps what it was asked. */
export class ScriptedAudit {
  readonly asked: { readonly tenant: string; readonly livemode: boolean; readonly filter: AuditFilter }[] =
    [];

  readonly list: AuditLister = async ({ tenant, livemode }, filter) => {
    this.asked.push({ tenant, livemode, filter });
    const before = filter.before ?? 4;
    const data = [3, 2, 1].filter((n) => n < before).map((n) => anEvent(n, livemode));
    return { data: data.slice(0, filter.limit), hasMore: data.length > filter.limit };
  };
}

const anEvent = (n: number, livemode: boolean): AuditEventObject => ({
  id: `aud_${n}`,
  object: 'audit_event',
  livemode,
  created: 1_790_000_000,
  n,
  at: '2026-09-21T14:13:20.000Z',
  action: 'POST /v1/sessions/:id/confirm',
  actor: 'api_key key_a',
  session: 'ses_a',
  source: '192.0.2.7',
  outcome: 'HTTP 200',
  request: 'req_1',
  hash: 'ab'.repeat(32),
});
