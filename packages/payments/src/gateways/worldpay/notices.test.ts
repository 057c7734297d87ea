import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { worldpayNotices } from './notices.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = worldpayNotices({
  secrets: [bytes('new secret'), bytes('former secret')],
  hmac: (hash, key, ...parts) => {
    const mac = createHmac(hash, key);
    for (const part of parts) mac.update(part);
    return mac.digest();
  },
});

const anEvent = (type: string, change: object = {}) => ({
  ...{ eventId: 'bb55ca5a-e05c-47e1-8e94-e88bac1a0a17', eventTimestamp: '2026-11-22T11:59:00.123' },
  eventDetails: { classification: 'payment', transactionReference: 'chg_1', type },
  ...change,
});
const sign = (body: string, secret = 'new secret') => createHmac('sha256', secret).update(body).digest('hex');
function hear(
  event: unknown,
  signatureOf: (body: string) => string | undefined = (body) => `1/SHA256/${sign(body)}`,
) {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  const headers = { 'event-signature': signatureOf(body) };
  return read({ headers, body: bytes(body), nowMs: NOW });
}

describe('an event', () => {
  const approved = { kind: 'approved', authCode: null, token: null, gatewayId: 'chg_1' };
  const done = { kind: 'done', gatewayId: 'chg_1' };
  it.each([
    ['authorized', { of: 'charge', outcome: approved }],
    ['sentForSettlement', { of: 'charge', outcome: approved }],
    ['refused', { of: 'charge', outcome: { kind: 'declined', declineCode: 'generic_decline' } }],
    ['error', { of: 'charge', outcome: { kind: 'failed', code: 'gateway_says_error' } }],
    ['expired', { of: 'charge', outcome: { kind: 'failed', code: 'gateway_says_expired' } }],
    [
      'settlementFailed',
      { of: 'settle', key: null, outcome: { kind: 'refused', code: 'settle_failed_later' } },
    ],
    ['cancelled', { of: 'void', key: null, outcome: done }],
    ['sentForRefund', { of: 'refund', key: null, outcome: done }],
    ['refunded', { of: 'refund', key: null, outcome: done }],
    ['refundFailed', { of: 'refund', key: null, outcome: { kind: 'refused', code: 'refund_failed_later' } }],
  ])('%s tells', (type, tells) => {
    expect(hear(anEvent(type))).toMatchObject({
      kind: 'read',
      items: [{ id: 'bb55ca5a-e05c-47e1-8e94-e88bac1a0a17', about: { key: 'chg_1' }, tells }],
    });
  });

  it.each([
    ['of another kind', anEvent('chargedBack')],
    ['of no payment', anEvent('authorized', { eventDetails: { type: 'authorized' } })],
  ])('%s is taken and tells nothing', (_what, event) => {
    expect(hear(event)).toEqual({ kind: 'read', items: [] });
  });

  it.each<[string, (body: string) => string]>([
    ['the former secret', (body) => `1/SHA256/${sign(body, 'former secret')}`],
    ['several, in any order', (body) => `7/SHA256/${'0'.repeat(64)}, 1/SHA256/${sign(body)}`],
    ['capital letters', (body) => `1/SHA256/${sign(body).toUpperCase()}`],
  ])('may be signed with %s', (_what, signatureOf) => {
    expect(hear(anEvent('authorized'), signatureOf)).toMatchObject({ kind: 'read' });
  });

  it.each<[string, (body: string) => string | undefined]>([
    ['unsigned', () => undefined],
    ['signed by a stranger', (body) => `1/SHA256/${sign(body, 'guess')}`],
    ['changed after it was signed', (body) => `1/SHA256/${sign(`${body} `)}`],
    ['with another hash', (body) => `1/MD5/${sign(body)}`],
    ['with half a signature', (body) => `1/SHA256/${sign(body).slice(0, 32)}`],
    ['with nothing where the signature is', () => '1/SHA256/'],
    [
      'with its good signature behind ten bad ones',
      (body) => `${'1/SHA256/00,'.repeat(10)}1/SHA256/${sign(body)}`,
    ],
  ])('%s is refused', (_what, signatureOf) => {
    expect(hear(anEvent('authorized'), signatureOf)).toEqual({ kind: 'refused', code: 'bad_signature' });
  });

  it('of two weeks ago is too old', () => {
    expect(hear(anEvent('authorized', { eventTimestamp: '2026-11-08T11:59:00' }))).toEqual({
      ...{ kind: 'refused', code: 'too_old' },
    });
  });

  it.each([
    ['no JSON', 'eventId='],
    ['a list', '[]'],
    ['no id', anEvent('authorized', { eventId: 7 })],
    ['no time', anEvent('authorized', { eventTimestamp: undefined })],
    ['no details', anEvent('authorized', { eventDetails: null })],
  ])('with %s is unreadable', (_what, event) => {
    expect(hear(event)).toEqual({ kind: 'refused', code: 'unreadable' });
  });
});
