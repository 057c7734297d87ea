import { describe, expect, it } from '@jest/globals';
import type { HttpOutcome } from '../http.ts';
import { STRIPE_DECLINES } from './declines.ts';
import {
  outcomeOfCard,
  outcomeOfCharge,
  outcomeOfFollowUp,
  outcomeOfIntent,
  outcomeOfReplay,
  outcomeOfStep,
} from './outcome-map.ts';

const answered = (status: number, body: unknown): HttpOutcome => ({
  kind: 'answered',
  status,
  body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
});
const error = (type: string, more: object = {}) => ({ error: { type, message: 'x', ...more } });
const cardError = (decline_code: string, more: object = {}) =>
  error('card_error', { code: 'card_declined', decline_code, ...more });

/** One row of the table: the HTTP outcome, and what each kind of request makes of it. */
const rows: [string, HttpOutcome, card: string, charge: string, replay: string, step: string][] = [
  ['refused', { kind: 'not_sent', code: 'ECONNREFUSED' }, 'not_sent', 'not_sent', 'unknown', 'not_sent'],
  ['a reset', { kind: 'lost', code: 'ECONNRESET' }, 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a timeout', { kind: 'lost', code: 'ETIMEDOUT' }, 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a page', answered(200, '<html>'), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['half a body', answered(200, '{"id":"pi_1","stat'), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a list', answered(200, []), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a new status', answered(200, { id: '<b>', status: 'new' }), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a decline', answered(402, cardError('x')), 'declined', 'declined', 'declined', 'refused'],
  ['402 of a proxy', answered(402, '<html>'), 'failed', 'failed', 'unknown', 'refused'],
  ['a bad request', answered(400, error('invalid_request_error')), 'failed', 'failed', 'unknown', 'refused'],
  [
    'another use of the key',
    answered(400, error('idempotency_error')),
    'failed',
    'unknown',
    'unknown',
    'unknown',
  ],
  ['a bad key', answered(401, error('invalid_request_error')), 'failed', 'failed', 'unknown', 'refused'],
  ['not allowed', answered(403, ''), 'failed', 'failed', 'unknown', 'refused'],
  ['no such thing', answered(404, error('invalid_request_error')), 'failed', 'failed', 'unknown', 'refused'],
  ['too many', answered(429, error('invalid_request_error')), 'not_sent', 'not_sent', 'unknown', 'not_sent'],
  ['in progress', answered(409, error('idempotency_error')), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a failed dependency', answered(424, ''), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['an error', answered(500, error('api_error')), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a proxy’s error', answered(502, '<html>'), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a card error that is a 500', answered(500, cardError('x')), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a redirect', answered(302, ''), 'not_sent', 'unknown', 'unknown', 'unknown'],
];

it.each(rows)('%s', (_what, http, card, charge, replay, step) => {
  expect([
    outcomeOfCard(http).kind,
    outcomeOfCharge(http).kind,
    outcomeOfReplay(http).kind,
    outcomeOfFollowUp(http).kind,
  ]).toEqual([card, charge, replay, step]);
});

describe('a payment intent', () => {
  const card = { authorization_code: 'A1B2C3' };
  it.each<[string, Record<string, unknown>, object]>([
    [
      'that succeeded',
      {
        ...{ object: 'payment_intent', id: 'pi_1', status: 'succeeded', payment_method: 'pm_1' },
        latest_charge: { payment_method_details: { card } },
      },
      { kind: 'approved', authCode: 'A1B2C3', token: null, gatewayId: 'pi_1' },
    ],
    [
      'whose charge was not expanded',
      { object: 'payment_intent', id: 'pi_1', status: 'requires_capture', latest_charge: 'ch_1' },
      { kind: 'approved', authCode: null, token: null, gatewayId: 'pi_1' },
    ],
    [
      'that repeats the card',
      {
        ...{ object: 'setup_intent', id: 'pi_4242424242424242', status: 'succeeded' },
        payment_method: '4242424242424242',
      },
      { kind: 'approved', authCode: null, token: null, gatewayId: null },
    ],
    [
      'that saved a card',
      { object: 'setup_intent', id: 'seti_1', status: 'succeeded', payment_method: 'pm_1' },
      { kind: 'approved', authCode: null, token: 'pm_1', gatewayId: 'seti_1' },
    ],
    [
      'that was declined',
      {
        status: 'requires_payment_method',
        last_payment_error: { type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds' },
      },
      { kind: 'declined', declineCode: 'insufficient_funds' },
    ],
    [
      'that wants 3-D Secure',
      { status: 'requires_action' },
      { kind: 'declined', declineCode: 'generic_decline', advice: { category: 'sca_required' } },
    ],
    ['that waits for a card', { status: 'requires_payment_method' }, { kind: 'unknown' }],
    ['that waits', { status: 'requires_confirmation' }, { kind: 'unknown' }],
    ['that is under way', { status: 'processing' }, { kind: 'unknown' }],
    ['that was cancelled', { status: 'canceled' }, { kind: 'failed', code: 'gateway_canceled' }],
    ['without a status', {}, { kind: 'unknown', code: 'answer_unreadable' }],
  ])('%s', (_what, intent, outcome) => expect(outcomeOfIntent(intent)).toMatchObject(outcome));

  it('that was cancelled is so when it is said again too', () => {
    expect(outcomeOfReplay(answered(200, { status: 'canceled' }))).toMatchObject({ kind: 'failed' });
  });
});

describe('a decline', () => {
  const advice = (body: object) => outcomeOfCharge(answered(402, body));

  it.each([...STRIPE_DECLINES])('%s is %s', (code, [category, retry]) => {
    expect(advice(cardError(code))).toMatchObject({ advice: { category, retry, raw: code } });
    expect(advice(error('card_error', { code }))).toMatchObject({ advice: { category, retry, raw: code } });
  });

  it('tells an agent of the field or the funds, and of nothing else', () => {
    const told = new Set(
      [...STRIPE_DECLINES.keys()].map((code) => {
        const outcome = advice(cardError(code));
        return outcome.kind === 'declined' ? outcome.declineCode : '';
      }),
    );
    expect([...told].sort()).toEqual([
      ...['expired_card', 'generic_decline', 'incorrect_cvc', 'insufficient_funds'],
    ]);
  });

  it.each([
    ['a new code', cardError('brand_new'), 'other_card'],
    ['a new code with advice', cardError('brand_new', { advice_code: 'try_again_later' }), 'same_card_later'],
    ['advice to look at the card', cardError('brand_new', { advice_code: 'confirm_card_data' }), 'fix_field'],
    [
      'no more of this card',
      cardError('insufficient_funds', { advice_code: 'do_not_try_again' }),
      'other_card',
    ],
    [
      'advice that gives nothing away',
      cardError('lost_card', { advice_code: 'try_again_later' }),
      'other_card',
    ],
  ])('%s', (_what, body, retry) => expect(advice(body)).toMatchObject({ advice: { retry } }));
});

it.each<[string, object, object]>([
  ['a captured payment', { id: 'pi_1', status: 'succeeded' }, { kind: 'done', gatewayId: 'pi_1' }],
  ['a cancelled payment', { id: 'pi_1', object: 'payment_intent', status: 'canceled' }, { kind: 'done' }],
  ['a refund', { id: 're_1', object: 'refund', status: 'succeeded' }, { kind: 'done', gatewayId: 're_1' }],
  ['a refund under way', { id: 're_1', object: 'refund', status: 'pending' }, { kind: 'pending' }],
  [
    'a refund that failed',
    { status: 'failed', failure_reason: 'lost_or_stolen_card' },
    { kind: 'refused', code: 'lost_or_stolen_card' },
  ],
  ['a cancelled refund', { object: 'refund', status: 'canceled' }, { kind: 'refused' }],
  ['a payment that is still held', { status: 'requires_capture' }, { kind: 'unknown' }],
])('%s', (_what, object, outcome) =>
  expect(outcomeOfStep(object as Record<string, unknown>)).toMatchObject(outcome),
);
