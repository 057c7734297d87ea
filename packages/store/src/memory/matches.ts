import type { SessionFilter, SessionRecord } from '@sordino/payments';

export function matches(record: SessionRecord, filter: SessionFilter): boolean {
  return (
    record.livemode === filter.livemode &&
    (filter.platform === undefined || record.call.platform === filter.platform) &&
    (filter.callId === undefined || record.call.call_id === filter.callId) &&
    (filter.status === undefined || record.status === filter.status) &&
    (filter.topology === undefined || record.topology === filter.topology)
  );
}
