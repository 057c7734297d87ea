import { createHmac } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { checkoutNotices } from './notices.ts';

const SECRET = new TextEncoder().encode('key of a test');
const NOW_MS = Date.UTC(2026, 10, 22, 12);
const DAY_MS = 86_400_000;
const read = checkoutNotices(SECRET, (hash, key, ...parts) => {
  const mac = createHmac(hash, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
});

const sign = (body: string, secret = SECRET) => createHmac('sha256', secret).update(body).digest('hex');
const notice = (body: string, signature: string | undefined) =>
  read({
    headers: { 'cko-signature': signature },
    body: new TextEncoder().encode(body),
    nowMs: NOW_MS,
  });
const genuine = (body: string) => notice(body, sign(body));
const event = (type: string, data: object, more: object = {}) =>
  JSON.stringify({ id: 'evt_1', type, created_on: '2026-11-22T11:59:00.1234567Z', data, ...more });
const payment = { id: 'pay_1', reference: 'chg_1', response_code: '10000' };
const step = { id: 'pay_1', action_id: 'act_1', reference: 'op_1', metadata: { sordino_step: 'op_1' } };

it.each<[string, object, object[]]>([
  [
    'payment_approved',
    { ...payment, auth_code: 'A1B2C3' },
    [
      {
        ...{ id: 'evt_1', about: { key: 'chg_1' } },
        tells: { of: 'charge', outcome: { kind: 'approved', authCode: 'A1B2C3', gatewayId: 'pay_1' } },
      },
    ],
  ],
  [
    'payment_declined',
    { ...payment, response_code: '20054' },
    [{ about: { key: 'chg_1' }, tells: { outcome: { kind: 'declined', declineCode: 'expired_card' } } }],
  ],
  [
    'card_verified',
    { ...payment, source: { id: 'src_1' } },
    [{ tells: { of: 'charge', outcome: { kind: 'approved', token: 'src_1' } } }],
  ],
  ['card_verification_declined', payment, [{ tells: { of: 'charge', outcome: { kind: 'declined' } } }]],
  [
    'payment_captured',
    step,
    [
      {
        about: { gatewayId: 'pay_1' },
        tells: { of: 'settle', key: 'op_1', outcome: { kind: 'done', gatewayId: 'act_1' } },
      },
    ],
  ],
  [
    'payment_capture_declined',
    { ...step, response_code: '30020' },
    [{ tells: { of: 'settle', outcome: { kind: 'refused', code: '30020' } } }],
  ],
  ['payment_voided', { ...step, metadata: {} }, [{ tells: { of: 'void', key: null } }]],
  ['payment_void_declined', step, [{ tells: { of: 'void', outcome: { kind: 'refused' } } }]],
  ['payment_refunded', step, [{ tells: { of: 'refund', outcome: { kind: 'done' } } }]],
  ['payment_refund_declined', step, [{ tells: { of: 'refund', outcome: { kind: 'refused' } } }]],
  ['dispute_received', step, []],
  ['payment_approved', { id: 'pay_1', reference: null }, []],
  ['payment_captured', { reference: 'op_1' }, []],
])('%s of %j is read', (type, data, items) => {
  const verdict = genuine(event(type, data));
  expect(verdict).toMatchObject({ kind: 'read', items });
  expect(verdict.kind === 'read' && verdict.items.length).toBe(items.length);
});

const BODY = event('payment_approved', payment);

it.each<[string, string | undefined]>([
  ['no signature', undefined],
  ['an empty one', ''],
  ['another secret', sign(BODY, new TextEncoder().encode('other'))],
  ['another body', sign(`${BODY} `)],
  ['half of it', sign(BODY).slice(0, 32)],
  ['no hexadecimal', 'zz'.repeat(32)],
])('%s: refused', (_what, signature) =>
  expect(notice(BODY, signature)).toEqual({ kind: 'refused', code: 'bad_signature' }),
);

it.each([
  ['six days old', NOW_MS - 6 * DAY_MS, 'read'],
  ['eight days old', NOW_MS - 8 * DAY_MS, 'too_old'],
  ['of tomorrow', NOW_MS + DAY_MS, 'too_old'],
])('%s: %s', (_what, at, verdict) => {
  const answer = genuine(event('payment_approved', payment, { created_on: new Date(at).toISOString() }));
  expect(answer.kind === 'read' ? 'read' : answer.code).toBe(verdict);
});

it.each([
  ['nothing', ''],
  ['a page', '<html>'],
  ['a list', '[]'],
  ['no data', JSON.stringify({ id: 'evt_1', type: 'x', created_on: '2026-11-22T11:59:00Z' })],
  ['no time', event('x', {}, { created_on: undefined })],
  ['a time that is none', event('x', {}, { created_on: 'yesterday' })],
  ['an id that is a text', event('x', {}, { id: 'evt 1\n' })],
])('%s, well signed, is unreadable', (_what, body) =>
  expect(genuine(body)).toEqual({ kind: 'refused', code: 'unreadable' }),
);
