import type { AttemptId, ConnectorId, EventEnvelope, EventId, OperationId, SessionId } from '@sordino/core';
import type {
  ChargeAttempt,
  PaymentOperation,
  SessionRecord,
  StoredAnswer,
  WebhookCursor,
} from '@sordino/payments';

/** Records for tests, complete and plausible; `change` says what matters to the scene. */

export const sessionId = (name: string): SessionId => `ses_${name}` as SessionId;
export const attemptId = (name: string): AttemptId => `att_${name}` as AttemptId;

export function aSession(name: string, change: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: sessionId(name),
    tenant: 'tnt_a',
    livemode: false,
    created: 1_790_000_000_000,
    updated: 1_790_000_000_000,
    version: 1,
    status: 'awaiting_media',
    topology: 'original',
    cycle: 1,
    mediaPath: 'direct',
    call: { platform: 'plt_main', call_id: `call-${name}`, ani: '+447700900123' },
    intent: { type: 'charge', amount: 4999, currency: 'gbp', reference: 'INV-7 “Müller”\n' },
    connector: 'con_sandbox' as ConnectorId,
    mask: { style: 'flat_tone', hold: 'per_key' },
    agent: null,
    fields: [
      { name: 'card_number', state: 'empty', length: 0, code: null, attempts: 0, brand: null, last4: null },
    ],
    attempt: null,
    result: {
      ...{ authCode: null, token: null, failureCode: null },
      ...{ declineCode: null, declineCategory: null, retry: null },
    },
    callFailure: null,
    leaksSuspected: 0,
    attestation: null,
    rendezvous: null,
    clientSecretHash: 'ab'.repeat(32),
    lastEventSeq: 0,
    metadata: {},
    callEnded: false,
    ...change,
  };
}

export const aFinishedSession = (name: string, change: Partial<SessionRecord> = {}): SessionRecord =>
  aSession(name, { status: 'approved', topology: 'restored', callEnded: true, ...change });

export function anEvent(session: string, seq: number): EventEnvelope {
  return {
    id: `evt_${session}_${seq}` as EventId,
    type: 'field.progress',
    seq,
    session: sessionId(session),
    created: 1_790_000_000_000 + seq,
    data: { length: seq },
  };
}

export function anAttempt(name: string, change: Partial<ChargeAttempt> = {}): ChargeAttempt {
  return {
    id: attemptId(name),
    session: sessionId(name),
    connector: 'con_sandbox' as ConnectorId,
    intent: { type: 'charge', amount: 4999, currency: 'gbp' },
    key: `key-${name}`,
    memo: null,
    state: 'sending',
    result: {
      ...{ authCode: null, token: null, failureCode: null },
      ...{ declineCode: null, declineCategory: null, retry: null },
    },
    ...{ gatewayId: null, advice: null, cardTag: null, approvedLate: false },
    created: 1_790_000_000_000,
    updated: 1_790_000_000_000,
    ...change,
  };
}

export const anOperation = (
  name: string,
  session: string,
  change: Partial<PaymentOperation> = {},
): PaymentOperation => ({
  id: `op_${name}` as OperationId,
  session: sessionId(session),
  attempt: attemptId(session),
  connector: 'con_sandbox' as ConnectorId,
  ...{ kind: 'refund', key: `key-${name}`, requestKey: null, why: 'requested', amount: 100 },
  ...{ state: 'sending', code: null, gatewayId: null },
  ...{ created: 1_790_000_000_000, updated: 1_790_000_000_000 },
  ...change,
});

export function anAnswer(key: string, created: number): StoredAnswer {
  return { key, bodyHash: 'cd'.repeat(32), status: 201, body: `{"key":"${key}"}`, created };
}

export const aCursor = (session: string, change: Partial<WebhookCursor> = {}): WebhookCursor => ({
  endpoint: 'whe_a',
  session: sessionId(session),
  ...{ delivered: 0, failures: 0, failingSince: null, gaveUp: false },
  ...change,
});
