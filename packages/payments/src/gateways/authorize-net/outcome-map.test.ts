import { describe, expect, it } from '@jest/globals';
import type { HttpOutcome } from '../http.ts';
import { outcomeOfDetails, readDetails } from './details.ts';
import { outcomeOfCharge, outcomeOfFollowUp, outcomeOfTokenize } from './outcome-map.ts';

const http = (status: number, body: string): HttpOutcome => ({
  ...{ kind: 'answered', status, body: new TextEncoder().encode(body) },
});
const says = (members: object, resultCode = 'Ok', code = 'I00001'): HttpOutcome =>
  http(
    200,
    `\uFEFF${JSON.stringify({ ...members, messages: { resultCode, message: [{ code, text: 'x' }] } })}`,
  );
const error = (code: string, members: object = {}) => says(members, 'Error', code);

const made = (responseCode: unknown, more: object = {}) =>
  says({ transactionResponse: { responseCode, authCode: 'ABC123', transId: '60123456789', ...more } });
const reason = (responseCode: string, errorCode: string | number, transId = '0') =>
  made(responseCode, { transId, authCode: '', errors: [{ errorCode, errorText: 'x' }] });

const UNKNOWN = (code: string) => ({ kind: 'unknown', code });
const FAILED = (code: string) => ({ kind: 'failed', code });
const DECLINED = (declineCode: string, category: string, retry: string, raw: string | null) => ({
  ...{ kind: 'declined', declineCode, advice: { category, retry, raw } },
});

const COMMON: readonly [string, HttpOutcome, object][] = [
  [
    'refused connection',
    { kind: 'not_sent', code: 'ECONNREFUSED' },
    { kind: 'not_sent', code: 'gateway_unreachable' },
  ],
  ['lost answer', { kind: 'lost', code: 'ECONNRESET' }, UNKNOWN('answer_lost')],
  ['429', http(429, ''), { kind: 'not_sent', code: 'gateway_busy' }],
  ['403 of a proxy', http(403, '<html>'), FAILED('gateway_refused_request')],
  ['502 of a proxy', http(502, '<html>'), UNKNOWN('gateway_status_502')],
  ['a page', http(200, '<html>'), UNKNOWN('answer_unreadable')],
  ['half an answer', http(200, '{"transactionResponse":{"responseCode":"1"'), UNKNOWN('answer_unreadable')],
  ['no messages', http(200, '{"transactionResponse":{"responseCode":"1"}}'), UNKNOWN('answer_unreadable')],
  ['another result', says({}, 'Maybe'), UNKNOWN('answer_unreadable')],
  ['wrong credentials', error('E00007'), FAILED('e00007')],
  ['a member out of order', error('E00003'), FAILED('e00003')],
  ['an error of its own', error('E00001'), UNKNOWN('e00001')],
  ['in maintenance', error('E00104'), UNKNOWN('e00104')],
  ['a code with a card number in it', error('4111111111111111'), UNKNOWN('answer_unreadable')],
];

describe('the answer to a charge at Authorize.Net', () => {
  const approval = { kind: 'approved', authCode: 'ABC123', token: null, gatewayId: '60123456789' };
  it.each<[string, HttpOutcome, object]>([
    ...COMMON,
    ['1', made('1'), approval],
    ['1 as a number', made(1), approval],
    ['1 without an id', made('1', { transId: '0' }), UNKNOWN('answer_unreadable')],
    [
      '1 with a card number for a code',
      made('1', { authCode: '4111111111111111' }),
      { ...approval, authCode: null },
    ],
    ['5', made('5'), UNKNOWN('answer_unreadable')],
    ['4', made('4'), UNKNOWN('held_for_review')],
    ['2 without a reason', made('2'), DECLINED('generic_decline', 'other', 'other_card', null)],
    ['2/2', reason('2', '2'), DECLINED('generic_decline', 'do_not_honour', 'other_card', '2')],
    ['2/4', reason('2', 4), DECLINED('generic_decline', 'lost_stolen', 'never', '4')],
    ['2/27', reason('2', '27'), DECLINED('generic_decline', 'avs', 'fix_field', '27')],
    ['2/65', reason('2', '65'), DECLINED('incorrect_cvc', 'bad_cvv', 'fix_field', '65')],
    ['2/250', reason('2', '250'), DECLINED('generic_decline', 'fraud_block', 'never', '250')],
    ['2/999', reason('2', '999'), DECLINED('generic_decline', 'other', 'other_card', '999')],
    ['3/6', reason('3', '6'), DECLINED('generic_decline', 'bad_number', 'fix_field', '6')],
    ['3/8', reason('3', '8'), DECLINED('expired_card', 'expired', 'fix_field', '8')],
    ['3/17', reason('3', '17'), DECLINED('generic_decline', 'not_permitted', 'other_card', '17')],
    ['3/25', reason('3', '25'), DECLINED('generic_decline', 'issuer_down', 'same_card_later', '25')],
    // A word that every object knows is no code of the gateway's.
    [
      '2/constructor',
      reason('2', 'constructor'),
      DECLINED('generic_decline', 'other', 'other_card', 'constructor'),
    ],
    ['3/__proto__', reason('3', '__proto__'), FAILED('reason___proto__')],
    ['3/103', reason('3', '103'), FAILED('reason_103')],
    ['3 without a reason', made('3'), UNKNOWN('reason_none')],
    ['3/120', reason('3', '120'), UNKNOWN('reason_120')],
    ['3/122', reason('3', '122'), UNKNOWN('reason_122')],
    ['3/11', reason('3', '11', '60987654321'), { kind: 'duplicate', transId: '60987654321' }],
    ['3/11 of no one', reason('3', '11'), UNKNOWN('duplicate_of_unnamed')],
    ['E00027 without a transaction', error('E00027'), UNKNOWN('e00027')],
  ])('%s', (_name, answer, outcome) => expect(outcomeOfCharge(answer)).toEqual(outcome));
});

describe('the answer to a card that is to be saved', () => {
  const profile = { customerProfileId: '5123456789', customerPaymentProfileIdList: ['6123456789'] };
  it.each<[string, HttpOutcome, object]>([
    ...COMMON,
    [
      'saved',
      says(profile),
      { kind: 'approved', authCode: null, token: '5123456789_6123456789', gatewayId: '5123456789' },
    ],
    ['saved without its card', says({ customerProfileId: '5' }), UNKNOWN('answer_unreadable')],
    ['there already', error('E00039'), { kind: 'exists' }],
    [
      'declined',
      error('E00027', { validationDirectResponseList: ['2,1,65,No,,N,0'] }),
      DECLINED('incorrect_cvc', 'bad_cvv', 'fix_field', '65'),
    ],
    [
      'a number that is none',
      error('E00027', { validationDirectResponseList: ['3,1,6,No,,N,0'] }),
      DECLINED('generic_decline', 'bad_number', 'fix_field', '6'),
    ],
    ['an error', error('E00027', { validationDirectResponseList: ['3,1,103,No'] }), FAILED('reason_103')],
    ['no validation', error('E00027'), UNKNOWN('e00027')],
  ])('%s', (_name, answer, outcome) => expect(outcomeOfTokenize(answer)).toEqual(outcome));
});

describe('the answer to a later step', () => {
  it.each<[string, HttpOutcome, object]>([
    ['1', made('1'), { kind: 'done', gatewayId: '60123456789' }],
    ['2/2', reason('2', '2'), { kind: 'refused', code: 'reason_2' }],
    ['3/47', reason('3', '47'), { kind: 'refused', code: 'reason_47' }],
    ['3/11', reason('3', '11', '60987654321'), UNKNOWN('duplicate')],
    ['lost', { kind: 'lost', code: 'ECONNRESET' }, UNKNOWN('answer_lost')],
    ['not sent', { kind: 'not_sent', code: 'x' }, { kind: 'not_sent', code: 'gateway_unreachable' }],
    ['E00007', error('E00007'), { kind: 'refused', code: 'e00007' }],
  ])('%s', (_name, answer, outcome) => expect(outcomeOfFollowUp(answer)).toEqual(outcome));
});

describe('what became of a transaction', () => {
  it.each([
    ['authorizedPendingCapture', { kind: 'approved', gatewayId: '60123456789' }],
    ['capturedPendingSettlement', { kind: 'approved', authCode: 'ABC123' }],
    ['settledSuccessfully', { kind: 'approved' }],
    ['couldNotVoid', { kind: 'approved' }],
    ['chargeback', { kind: 'approved' }],
    ['declined', DECLINED('generic_decline', 'avs', 'fix_field', '27')],
    ['failedReview', { kind: 'declined' }],
    ['voided', FAILED('charge_voided')],
    ['expired', FAILED('authorization_expired')],
    ['FDSPendingReview', UNKNOWN('held_for_review')],
    ['FDSAuthorizedPendingReview', UNKNOWN('held_for_review')],
    ['underReview', UNKNOWN('held_for_review')],
    ['settlementError', UNKNOWN('status_settlementError')],
    ['communicationError', UNKNOWN('status_communicationError')],
    ['somethingNew', UNKNOWN('status_somethingNew')],
  ])('%s', (transactionStatus, outcome) => {
    const answer = says({
      transaction: { transId: '60123456789', transactionStatus, authCode: 'ABC123', responseReasonCode: 27 },
    });
    const details = readDetails(answer);
    expect(details === undefined ? undefined : outcomeOfDetails(details)).toMatchObject(outcome);
  });

  it.each([
    ['no transaction', says({})],
    ['no status', says({ transaction: { transId: '60123456789' } })],
    ['no id', says({ transaction: { transId: '0', transactionStatus: 'voided' } })],
    ['an error', error('E00040')],
    ['a lost answer', { kind: 'lost', code: 'ECONNRESET' } as const],
  ])('%s proves nothing', (_name, answer) => expect(readDetails(answer)).toBeUndefined());
});
