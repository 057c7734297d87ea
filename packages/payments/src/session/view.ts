import type { SessionObject } from '@sordino/core';
import type { SessionRecord } from './record.ts';

/** The session as the API shows it. */
export function toSessionObject(record: SessionRecord, clientSecret?: string): SessionObject {
  return {
    id: record.id,
    object: 'session',
    livemode: record.livemode,
    created: Math.floor(record.created / 1000),
    status: record.status,
    topology: record.topology,
    cycle: record.cycle,
    media_path: record.mediaPath,
    call: record.call,
    intent: record.intent,
    connector: record.connector,
    mask: record.mask,
    agent: record.agent,
    fields: record.fields,
    result: {
      auth_code: record.result.authCode,
      token: record.result.token,
      decline_code: record.result.declineCode,
      // Sessions in the journal of an older version have neither.
      decline_category: record.result.declineCategory ?? null,
      retry: record.result.retry ?? null,
      failure_code: record.result.failureCode,
    },
    call_failure: record.callFailure,
    // Nor these two.
    leaks_suspected: record.leaksSuspected ?? 0,
    attestation: record.attestation ?? null,
    rendezvous: record.rendezvous,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
    last_event_seq: record.lastEventSeq,
    metadata: record.metadata,
  };
}
