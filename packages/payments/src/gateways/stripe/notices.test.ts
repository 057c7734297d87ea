import { createHmac } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { stripeNotices } from './notices.ts';

const SECRET = new TextEncoder().encode('whsec_of_a_test');
const NOW_S = 1_790_000_000;
const read = stripeNotices(SECRET, true, (hash, key, ...parts) => {
  const mac = createHmac(hash, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
});

const sign = (body: string, t: number | string = NOW_S, secret = SECRET) =>
  createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
const notice = (body: string, header: string | undefined) =>
  read({
    headers: { 'stripe-signature': header },
    body: new TextEncoder().encode(body),
    nowMs: NOW_S * 1_000,
  });
const genuine = (body: string) => notice(body, `t=${NOW_S},v1=${sign(body)}`);
const event = (type: string, object: object, more: object = {}) =>
  JSON.stringify({ id: 'evt_1', object: 'event', type, livemode: true, data: { object }, ...more });
const metadata = { sordino_key: 'chg_1' };
const payment = (change: object) => ({ object: 'payment_intent', id: 'pi_1', metadata, ...change });
const charge = (outcome: object) => ({
  id: 'evt_1',
  about: { key: 'chg_1' },
  tells: { of: 'charge', outcome },
});

it.each<[string, string, object[]]>([
  [
    'a charge',
    event('payment_intent.succeeded', payment({ status: 'succeeded', capture_method: 'automatic' })),
    [charge({ kind: 'approved', gatewayId: 'pi_1' })],
  ],
  [
    'an authorisation',
    event('payment_intent.amount_capturable_updated', payment({ status: 'requires_capture' })),
    [charge({ kind: 'approved' })],
  ],
  [
    'a settlement',
    event('payment_intent.succeeded', payment({ status: 'succeeded', capture_method: 'manual' })),
    [
      charge({ kind: 'approved' }),
      {
        ...{ id: 'evt_1.settle', about: { key: 'chg_1' } },
        tells: { of: 'settle', key: null, outcome: { kind: 'done', gatewayId: 'pi_1' } },
      },
    ],
  ],
  [
    'a decline',
    event(
      'payment_intent.payment_failed',
      payment({ status: 'requires_payment_method', last_payment_error: { decline_code: 'expired_card' } }),
    ),
    [charge({ kind: 'declined', declineCode: 'expired_card' })],
  ],
  [
    'a void',
    event('payment_intent.canceled', payment({ status: 'canceled' })),
    [{ tells: { of: 'void', key: null, outcome: { kind: 'done' } } }],
  ],
  [
    'a saved card',
    event('setup_intent.succeeded', {
      ...{ object: 'setup_intent', id: 'seti_1', status: 'succeeded', payment_method: 'pm_1', metadata },
    }),
    [charge({ kind: 'approved', token: 'pm_1' })],
  ],
  [
    'a refund that failed in the end',
    event('refund.failed', {
      ...{ object: 'refund', id: 're_1', status: 'failed', failure_reason: 'expired_or_canceled_card' },
      metadata: { sordino_key: 'op_1', sordino_charge: 'chg_1' },
    }),
    [
      {
        about: { key: 'chg_1' },
        tells: { of: 'refund', key: 'op_1', outcome: { kind: 'refused', code: 'expired_or_canceled_card' } },
      },
    ],
  ],
  ['a refund that somebody made by hand', event('refund.created', { status: 'succeeded', metadata: {} }), []],
  ['a payment of another system', event('payment_intent.succeeded', { status: 'succeeded' }), []],
  ['what nobody asked for', event('payout.paid', { metadata }), []],
  [
    'a test payment at a live endpoint',
    event('payment_intent.succeeded', payment({ status: 'succeeded' }), { livemode: false }),
    [],
  ],
])('%s is read', (_what, body, items) => {
  const verdict = genuine(body);
  expect(verdict).toMatchObject({ kind: 'read', items });
  expect(verdict.kind === 'read' && verdict.items.length).toBe(items.length);
});

const BODY = event('payment_intent.succeeded', payment({ status: 'succeeded' }));
const good = sign(BODY);

it('one good signature among those of a rotation is enough', () => {
  expect(notice(BODY, `t=${NOW_S},v1=${'0'.repeat(64)},v0=x,v1=${good}`)).toMatchObject({ kind: 'read' });
});

it.each<[string, string | undefined]>([
  ['no header', undefined],
  ['an empty header', ''],
  ['no time', `v1=${good}`],
  ['no signature', `t=${NOW_S}`],
  ['a signature of another scheme', `t=${NOW_S},v0=${good}`],
  ['another time than was signed', `t=${NOW_S + 1},v1=${good}`],
  ['a time that is none', `t=now,v1=${sign(BODY, 'now')}`],
  ['another secret', `t=${NOW_S},v1=${sign(BODY, NOW_S, new TextEncoder().encode('whsec_other'))}`],
  ['half a signature', `t=${NOW_S},v1=${good.slice(0, 32)}`],
  ['a signature in capitals', `t=${NOW_S},v1=${good.toUpperCase()}`],
  ['letters that are no hexadecimal', `t=${NOW_S},v1=${'zz'.repeat(32)}`],
  ['commas only', ',,,,,'],
])('%s: refused', (_what, header) =>
  expect(notice(BODY, header)).toEqual({ kind: 'refused', code: 'bad_signature' }),
);

it('a changed body is refused', () => {
  expect(notice(`${BODY} `, `t=${NOW_S},v1=${good}`)).toEqual({ kind: 'refused', code: 'bad_signature' });
});

it.each([
  [300, 'read'],
  [301, 'too_old'],
  [-301, 'too_old'],
])('%d seconds old: %s', (age, verdict) => {
  const t = NOW_S - age;
  const answer = notice(BODY, `t=${t},v1=${sign(BODY, t)}`);
  expect(answer.kind === 'read' ? 'read' : answer.code).toBe(verdict);
});

it.each([
  ['nothing', ''],
  ['a page', '<html>'],
  ['a list', '[]'],
  ['no object', JSON.stringify({ id: 'evt_1', type: 'x', livemode: true })],
  ['an id that is a text', event('x', {}, { id: 'evt 1\n' })],
  ['far too much', event('x', { long: 'x'.repeat(70_000) })],
])('%s, well signed, is unreadable', (_what, body) =>
  expect(genuine(body)).toEqual({ kind: 'refused', code: 'unreadable' }),
);
