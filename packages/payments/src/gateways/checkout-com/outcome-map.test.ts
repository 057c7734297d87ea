import { describe, expect, it } from '@jest/globals';
import type { HttpOutcome } from '../http.ts';
import {
  outcomeOfAction,
  outcomeOfCharge,
  outcomeOfFollowUp,
  outcomeOfPayment,
  outcomeOfReplay,
  outcomeOfToken,
} from './outcome-map.ts';

const answered = (status: number, body: unknown): HttpOutcome => ({
  kind: 'answered',
  status,
  body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
});
const error = (...error_codes: string[]) => ({ request_id: 'x', error_type: 'request_invalid', error_codes });

/** One row of the table: the HTTP outcome, and what each kind of request makes of it. */
const rows: [string, HttpOutcome, card: string, charge: string, replay: string, step: string][] = [
  ['refused', { kind: 'not_sent', code: 'ECONNREFUSED' }, 'not_sent', 'not_sent', 'unknown', 'not_sent'],
  ['a reset', { kind: 'lost', code: 'ECONNRESET' }, 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a timeout', { kind: 'lost', code: 'ETIMEDOUT' }, 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a token', answered(201, { token: 'tok_1' }), 'card', 'unknown', 'unknown', 'unknown'],
  [
    'a payment',
    answered(201, { id: 'pay_1', status: 'Authorized' }),
    'not_sent',
    'approved',
    'approved',
    'unknown',
  ],
  ['an action', answered(202, { action_id: 'act_1' }), 'not_sent', 'unknown', 'unknown', 'pending'],
  ['202 of a redirect', answered(202, { status: 'Pending' }), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a page', answered(200, '<html>'), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['half a body', answered(201, '{"id":"pay_1","stat'), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a list', answered(201, []), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a new status', answered(201, { id: '<b>', status: 'New' }), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a wrong card', answered(422, error('card_number_invalid')), 'declined', 'failed', 'unknown', 'refused'],
  ['a used token', answered(422, error('token_used')), 'failed', 'failed', 'unknown', 'refused'],
  ['a bad request', answered(400, error('amount_invalid')), 'failed', 'failed', 'unknown', 'refused'],
  ['a bad key', answered(401, ''), 'failed', 'failed', 'unknown', 'refused'],
  ['not allowed', answered(403, ''), 'failed', 'failed', 'unknown', 'refused'],
  ['no such thing', answered(404, '<html>'), 'failed', 'failed', 'unknown', 'refused'],
  ['too many', answered(429, ''), 'not_sent', 'not_sent', 'unknown', 'not_sent'],
  ['in progress', answered(409, ''), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['an error', answered(500, error('card_number_invalid')), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a proxy’s error', answered(502, '<html>'), 'not_sent', 'unknown', 'unknown', 'unknown'],
  ['a redirect', answered(302, ''), 'not_sent', 'unknown', 'unknown', 'unknown'],
];

it.each(rows)('%s', (_what, http, card, charge, replay, step) => {
  expect([
    outcomeOfToken(http).kind,
    outcomeOfCharge(http).kind,
    outcomeOfReplay(http).kind,
    outcomeOfFollowUp(http).kind,
  ]).toEqual([card, charge, replay, step]);
});

it.each<[string, Record<string, unknown>, object]>([
  [
    'that is held',
    { id: 'pay_1', status: 'Authorized', auth_code: 'A1', source: { id: 'src_1' } },
    { kind: 'approved', authCode: 'A1', token: null, gatewayId: 'pay_1' },
  ],
  ['that was captured', { id: 'pay_1', status: 'Captured' }, { kind: 'approved', authCode: null }],
  ['that was captured in part', { id: 'pay_1', status: 'Partially Captured' }, { kind: 'approved' }],
  [
    'that saved a card',
    { id: 'pay_1', status: 'Card Verified', source: { id: 'src_1' } },
    { kind: 'approved', token: 'src_1' },
  ],
  [
    'that repeats the card',
    { id: '4242424242424242', status: 'Card Verified', source: { id: '4242424242424242' } },
    { kind: 'approved', token: null, gatewayId: null },
  ],
  ['that is under way', { status: 'Pending' }, { kind: 'unknown', code: 'gateway_waits' }],
  ['that will be tried again', { status: 'Retry Scheduled' }, { kind: 'unknown', code: 'gateway_waits' }],
  ['that somebody undid', { status: 'Voided' }, { kind: 'failed', code: 'gateway_undone' }],
  ['that somebody gave back', { status: 'Refunded' }, { kind: 'failed', code: 'gateway_undone' }],
  ['without a status', {}, { kind: 'unknown', code: 'answer_unreadable' }],
])('a payment %s', (_what, payment, outcome) =>
  expect(outcomeOfPayment(payment, payment)).toMatchObject(outcome),
);

describe('a decline', () => {
  const advice = (response_code: unknown) => outcomeOfPayment({ status: 'Declined' }, { response_code });

  it.each([
    ['20051', 'insufficient_funds', 'funds', 'same_card_later'],
    ['20054', 'expired_card', 'expired', 'fix_field'],
    ['20087', 'incorrect_cvc', 'bad_cvv', 'fix_field'],
    ['200N7', 'incorrect_cvc', 'bad_cvv', 'fix_field'],
    ['20014', 'generic_decline', 'bad_number', 'fix_field'],
    ['20154', 'generic_decline', 'sca_required', 'other_card'],
    ['20094', 'generic_decline', 'duplicate', 'never'],
    ['30041', 'generic_decline', 'lost_stolen', 'other_card'],
    ['30043', 'generic_decline', 'lost_stolen', 'other_card'],
    ['40101', 'generic_decline', 'fraud_block', 'other_card'],
    ['29999', 'generic_decline', 'other', 'other_card'],
  ])('%s: %s, %s, %s', (code, declineCode, category, retry) => {
    expect(advice(code)).toEqual({ kind: 'declined', declineCode, advice: { category, retry, raw: code } });
  });

  it('without a code is one all the same', () => {
    expect(advice(undefined)).toMatchObject({ kind: 'declined', advice: { category: 'other' } });
    expect(advice('<html>')).toMatchObject({ kind: 'declined', advice: { raw: 'declined' } });
  });
});

it.each<[object, object]>([
  [
    { id: 'act_1', approved: true },
    { kind: 'done', gatewayId: 'act_1' },
  ],
  [
    { id: 'act_1', approved: false, response_code: '30020' },
    { kind: 'refused', code: '30020' },
  ],
  [{ id: 'act_1' }, { kind: 'pending', gatewayId: 'act_1' }],
])('an action %j', (action, outcome) =>
  expect(outcomeOfAction(action as Record<string, unknown>)).toEqual(outcome),
);
