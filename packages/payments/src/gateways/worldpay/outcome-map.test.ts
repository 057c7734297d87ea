import { describe, expect, it } from '@jest/globals';
import type { HttpOutcome } from '../http.ts';
import { found, outcomeOfEvent, outcomeOfPayment } from './outcome-map.ts';

const answered = (status: number, body: unknown): HttpOutcome => ({
  ...{ kind: 'answered', status },
  body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
});
const refused = (refusalCode: string): HttpOutcome => answered(201, { outcome: 'refused', refusalCode });
const wrong = (jsonPath: string): HttpOutcome =>
  answered(400, {
    errorName: 'bodyDoesNotMatchSchema',
    validationErrors: [{ errorName: 'fieldHasInvalidValue', message: 'x', jsonPath }],
  });
const unknown = (code: string) => ({ kind: 'unknown', code });
const failed = (code: string) => ({ kind: 'failed', code });
const approved = (authCode: string | null = null) => ({
  ...{ kind: 'approved', authCode, token: null, gatewayId: 'chg_1' },
});
const no = (category: string, retry: string, raw: string | null, declineCode = 'generic_decline') => ({
  ...{ kind: 'declined', declineCode, advice: { category, retry, raw } },
});

describe('the answer to a payment', () => {
  it.each<[string, HttpOutcome, unknown]>([
    [
      'no connection',
      { kind: 'not_sent', code: 'ENOTFOUND' },
      { kind: 'not_sent', code: 'gateway_unreachable' },
    ],
    ['a reset', { kind: 'lost', code: 'ECONNRESET' }, unknown('answer_lost')],
    [
      'authorized',
      answered(201, { outcome: 'authorized', issuer: { authorizationCode: 'A1' } }),
      approved('A1'),
    ],
    ['on its way to be settled', answered(201, { outcome: 'sentForSettlement' }), approved()],
    [
      'the card number for an authorisation code',
      answered(201, { outcome: 'authorized', issuer: { authorizationCode: '4444333322221111' } }),
      approved(),
    ],
    ['another outcome', answered(201, { outcome: '3dsChallenged' }), unknown('answer_unreadable')],
    ['half a body', answered(201, '{"outcome":"auth'), unknown('answer_unreadable')],
    ['a page', answered(201, '<html>'), unknown('answer_unreadable')],
    ['created elsewhere', answered(200, { outcome: 'authorized' }), unknown('gateway_status_200')],
    ['refer', refused('1'), no('do_not_honour', 'other_card', '1')],
    ['refer, special', refused('2'), no('do_not_honour', 'other_card', '2')],
    ['invalid acceptor', refused('3'), no('config', 'never', '3')],
    ['hold card', refused('4'), no('lost_stolen', 'other_card', '4')],
    ['refused', refused('5'), no('do_not_honour', 'other_card', '5')],
    ['pick up', refused('7'), no('lost_stolen', 'other_card', '7')],
    ['invalid transaction', refused('12'), no('not_permitted', 'other_card', '12')],
    ['invalid amount', refused('13'), no('config', 'never', '13')],
    ['invalid number', refused('14'), no('bad_number', 'fix_field', '14')],
    ['invalid issuer', refused('15'), no('bad_number', 'fix_field', '15')],
    ['re-enter', refused('19'), no('issuer_down', 'same_card_later', '19')],
    ['acquirer error', refused('20'), no('issuer_down', 'same_card_later', '20')],
    ['format error', refused('30'), no('config', 'never', '30')],
    ['card expired', refused('33'), no('expired', 'fix_field', '33', 'expired_card')],
    ['fraud suspicion', refused('34'), no('fraud_block', 'other_card', '34')],
    ['no credit account', refused('39'), no('not_permitted', 'other_card', '39')],
    ['lost card', refused('41'), no('lost_stolen', 'other_card', '41')],
    ['stolen card', refused('43'), no('lost_stolen', 'other_card', '43')],
    ['closed account', refused('46'), no('not_permitted', 'other_card', '46')],
    ['insufficient funds', refused('51'), no('funds', 'other_card', '51', 'insufficient_funds')],
    ['expired card', refused('54'), no('expired', 'fix_field', '54', 'expired_card')],
    ['invalid security code', refused('55'), no('bad_cvv', 'fix_field', '55', 'incorrect_cvc')],
    ['unknown card', refused('56'), no('bad_number', 'fix_field', '56')],
    ['not permitted to cardholder', refused('57'), no('not_permitted', 'other_card', '57')],
    ['not permitted to terminal', refused('58'), no('not_permitted', 'other_card', '58')],
    ['suspected fraud', refused('59'), no('fraud_block', 'other_card', '59')],
    ['amount limit', refused('61'), no('limit', 'other_card', '61')],
    ['restricted card', refused('62'), no('not_permitted', 'other_card', '62')],
    ['security violation', refused('63'), no('fraud_block', 'other_card', '63')],
    ['frequency limit', refused('65'), no('limit', 'other_card', '65')],
    ['issuer away', refused('91'), no('issuer_down', 'same_card_later', '91')],
    ['duplicate', refused('94'), no('duplicate', 'never', '94')],
    ['malfunction', refused('96'), no('issuer_down', 'same_card_later', '96')],
    ['a code that nobody knows', refused('999'), no('other', 'other_card', '999')],
    ['a code that objects have anyway', refused('constructor'), no('other', 'other_card', 'constructor')],
    ['no code', answered(201, { outcome: 'refused' }), no('other', 'other_card', null)],
    [
      'a number that is none',
      wrong('$.instruction.paymentInstrument.cardNumber'),
      no('bad_number', 'fix_field', 'fieldHasInvalidValue'),
    ],
    [
      'a code that is none',
      wrong('$.instruction.paymentInstrument.cvc'),
      no('bad_cvv', 'fix_field', 'fieldHasInvalidValue', 'incorrect_cvc'),
    ],
    [
      'a date that is none',
      wrong('$.instruction.paymentInstrument.expiryDate.year'),
      no('expired', 'fix_field', 'fieldHasInvalidValue', 'expired_card'),
    ],
    ['another field', wrong('$.instruction.narrative'), failed('bodyDoesNotMatchSchema')],
    ['a bad password', answered(401, { errorName: 'accessDenied' }), failed('accessDenied')],
    ['a page of refusal', answered(403, '<html>'), failed('gateway_refused_request')],
    ['too many', answered(429, ''), { kind: 'not_sent', code: 'gateway_busy' }],
    ['an error', answered(500, { errorName: 'internalErrorOccurred' }), unknown('gateway_status_500')],
    ['a timeout of theirs', answered(504, ''), unknown('gateway_status_504')],
    ['a redirect', answered(302, ''), unknown('gateway_status_302')],
  ])('%s', (_what, http, outcome) => expect(outcomeOfPayment(http, 'chg_1')).toEqual(outcome));
});

describe('the answer to a look-up', () => {
  it.each<[string, HttpOutcome, unknown]>([
    [
      'an event',
      answered(200, { lastEvent: 'Sent for Settlement' }),
      { event: 'sentforsettlement', links: new Map() },
    ],
    [
      'an event in one word',
      answered(200, { lastEvent: 'sentForRefund' }),
      { event: 'sentforrefund', links: new Map() },
    ],
    ['never heard of', answered(404, { errorName: 'entityNotFound' }), 'not_found'],
    ['a 404, which may be a proxy’s', answered(404, '<html>'), { code: 'gateway_status_404' }],
    ['a bad password', answered(401, { errorName: 'accessDenied' }), { code: 'gateway_status_401' }],
    ['an error', answered(503, ''), { code: 'gateway_status_503' }],
    ['no event', answered(200, {}), { code: 'answer_unreadable' }],
    ['half a body', answered(200, '{"lastEv'), { code: 'answer_unreadable' }],
    ['lost', { kind: 'lost', code: 'ETIMEDOUT' }, { code: 'query_failed' }],
  ])('%s', (_what, http, outcome) => expect(found(http)).toEqual(outcome));

  it.each([
    ['authorized', approved()],
    ['sentforsettlement', approved()],
    ['settled', approved()],
    ['settlementfailed', approved()],
    ['sentforrefund', approved()],
    ['refunded', approved()],
    ['refundfailed', approved()],
    ['refused', no('other', 'other_card', null)],
    ['error', failed('gateway_says_error')],
    ['expired', failed('gateway_says_expired')],
    ['sentforcancellation', failed('gateway_says_sentforcancellation')],
    ['cancelled', failed('gateway_says_cancelled')],
    ['sentforauthorization', unknown('gateway_pending')],
    ['toString', unknown('gateway_pending')],
  ])('%s', (event, outcome) => expect(outcomeOfEvent(event, 'chg_1')).toEqual(outcome));
});
