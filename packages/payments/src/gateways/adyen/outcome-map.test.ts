import { describe, expect, it } from '@jest/globals';
import type { HttpOutcome } from '../http.ts';
import { outcomeOfModification, outcomeOfPayment, outcomeOfSavedCards } from './outcome-map.ts';

const answered = (status: number, body: unknown): HttpOutcome => ({
  ...{ kind: 'answered', status },
  body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
});
const error = (status: number, errorCode: string, errorType: string): HttpOutcome =>
  answered(status, { status, errorCode, errorType, message: 'x' });
const result = (resultCode: string, more: object = {}): HttpOutcome => answered(200, { resultCode, ...more });
const refused = (refusalReasonCode: string): HttpOutcome => result('Refused', { refusalReasonCode });

const unknown = (code: string) => ({ kind: 'unknown', code });
const failed = (code: string) => ({ kind: 'failed', code });
const notSent = (code: string) => ({ kind: 'not_sent', code });
const no = (category: string, retry: string, raw: string | null, declineCode = 'generic_decline') => ({
  ...{ kind: 'declined', declineCode, advice: { category, retry, raw } },
});
const PSP = 'QFQTPCQ8HXSKGK82';

/** Rows that are the same for a payment and for a later step. */
const NOT_DONE: [string, HttpOutcome, { readonly kind: string; readonly code: string }][] = [
  ['no connection', { kind: 'not_sent', code: 'ECONNREFUSED' }, notSent('gateway_unreachable')],
  ['a reset', { kind: 'lost', code: 'ECONNRESET' }, unknown('answer_lost')],
  ['that key is being worked on', error(422, '704', 'validation'), unknown('gateway_in_progress')],
  ['too many', answered(429, ''), notSent('gateway_busy')],
  ['an error of theirs', error(500, '000', 'internal'), unknown('gateway_status_500')],
  ['a proxy’s page', answered(500, '<html>'), unknown('gateway_status_500')],
  ['bad gateway', answered(502, ''), unknown('gateway_status_502')],
  ['a conflict', answered(409, ''), unknown('gateway_status_409')],
  ['a redirect', answered(302, ''), unknown('gateway_status_302')],
  ['a list', answered(200, []), unknown('answer_unreadable')],
  ['half a body', answered(200, '{"resultCode":"Author'), unknown('answer_unreadable')],
  ['no body', answered(201, ''), unknown('answer_unreadable')],
];

describe('the answer to a payment', () => {
  it.each<[string, HttpOutcome, unknown]>([
    ...NOT_DONE,
    [
      'authorised',
      result('Authorised', { pspReference: PSP, additionalData: { authCode: '065696' } }),
      { kind: 'approved', authCode: '065696', token: null, gatewayId: PSP },
    ],
    [
      'authorised, with nothing else',
      result('Authorised'),
      { kind: 'approved', authCode: null, token: null, gatewayId: null },
    ],
    [
      'the card number for an authorisation code',
      result('Authorised', { pspReference: PSP, additionalData: { authCode: '4111111111111111' } }),
      { kind: 'approved', authCode: null, token: null, gatewayId: PSP },
    ],
    ['partly authorised', result('PartiallyAuthorised'), unknown('partially_authorised')],
    ['received', result('Received'), unknown('gateway_pending')],
    ['pending', result('Pending'), unknown('gateway_pending')],
    ['another result', result('PresentToShopper'), unknown('answer_unreadable')],
    ['the shopper must act', result('RedirectShopper'), no('sca_required', 'other_card', null)],
    ['the shopper is to be known', result('IdentifyShopper'), no('sca_required', 'other_card', null)],
    ['the shopper is asked', result('ChallengeShopper'), no('sca_required', 'other_card', null)],
    ['canceled', result('Cancelled', { refusalReasonCode: '15' }), no('other', 'other_card', '15')],
    [
      'an acquirer’s error',
      result('Error', { refusalReasonCode: '4' }),
      no('issuer_down', 'same_card_later', '4'),
    ],
    ['referral', refused('3'), no('do_not_honour', 'other_card', '3')],
    ['not submitted', refused('21'), no('config', 'never', '21')],
    ['fraud, found later', refused('22'), no('fraud_block', 'other_card', '22')],
    ['transaction not permitted', refused('23'), no('not_permitted', 'other_card', '23')],
    ['restricted card', refused('25'), no('not_permitted', 'other_card', '25')],
    ['revocation', refused('26'), no('not_permitted', 'other_card', '26')],
    ['declined, non generic', refused('27'), no('do_not_honour', 'other_card', '27')],
    ['withdrawal count exceeded', refused('29'), no('limit', 'other_card', '29')],
    ['issuer suspects fraud', refused('31'), no('fraud_block', 'other_card', '31')],
    ['online PIN', refused('33'), no('not_permitted', 'other_card', '33')],
    ['authentication required', refused('38'), no('sca_required', 'other_card', '38')],
    ['authentication error', refused('42'), no('sca_required', 'other_card', '42')],
    ['too many tries', refused('46'), no('limit', 'other_card', '46')],
    ['refused', refused('2'), no('do_not_honour', 'other_card', '2')],
    ['blocked card', refused('5'), no('lost_stolen', 'other_card', '5')],
    ['expired card', refused('6'), no('expired', 'fix_field', '6', 'expired_card')],
    ['invalid amount', refused('7'), no('config', 'never', '7')],
    ['invalid card number', refused('8'), no('bad_number', 'fix_field', '8')],
    ['issuer unavailable', refused('9'), no('issuer_down', 'same_card_later', '9')],
    ['not supported', refused('10'), no('not_permitted', 'other_card', '10')],
    ['3D not authenticated', refused('11'), no('sca_required', 'other_card', '11')],
    ['not enough balance', refused('12'), no('funds', 'other_card', '12', 'insufficient_funds')],
    ['acquirer fraud', refused('14'), no('fraud_block', 'other_card', '14')],
    ['fraud', refused('20'), no('fraud_block', 'other_card', '20')],
    ['CVC declined', refused('24'), no('bad_cvv', 'fix_field', '24', 'incorrect_cvc')],
    ['withdrawal amount exceeded', refused('28'), no('limit', 'other_card', '28')],
    ['AVS declined', refused('32'), no('avs', 'fix_field', '32')],
    ['a reason that nobody knows', refused('99'), no('other', 'other_card', '99')],
    ['a reason that objects have anyway', refused('constructor'), no('other', 'other_card', 'constructor')],
    ['an error that objects have anyway', error(422, 'toString', 'validation'), failed('toString')],
    ['a reason that is none', result('Refused', { refusalReasonCode: 7 }), no('other', 'other_card', null)],
    ['a number that is none', error(422, '101', 'validation'), no('bad_number', 'fix_field', '101')],
    ['a number of no brand', error(422, '102', 'validation'), no('bad_number', 'fix_field', '102')],
    ['a code too long', error(422, '103', 'validation'), no('bad_cvv', 'fix_field', '103', 'incorrect_cvc')],
    ['a bad date', error(422, '129', 'validation'), no('expired', 'fix_field', '129', 'expired_card')],
    ['a bad request', error(400, '702', 'validation'), failed('702')],
    ['a bad key', error(401, '000', 'security'), failed('000')],
    ['another account', error(403, '901', 'security'), failed('901')],
    ['a field', error(422, '14_030', 'validation'), failed('14_030')],
    ['a page', answered(403, '<html>'), failed('gateway_refused_request')],
    ['an account that is not set up', error(500, '905_1', 'configuration'), failed('905_1')],
  ])('%s', (_what, http, outcome) => expect(outcomeOfPayment(http, 'charge')).toEqual(outcome));

  it.each<[string, object, unknown]>([
    [
      'with a token',
      { 'tokenization.storedPaymentMethodId': 'M5N7TQ4TG5PFWR50' },
      { kind: 'approved', authCode: null, token: 'M5N7TQ4TG5PFWR50', gatewayId: null },
    ],
    [
      'with a token by its former name',
      { 'recurring.recurringDetailReference': 'M5N7TQ4TG5PFWR50' },
      { kind: 'approved', authCode: null, token: 'M5N7TQ4TG5PFWR50', gatewayId: null },
    ],
    ['without a token', {}, unknown('token_not_here_yet')],
  ])('a card to be saved, %s', (_what, additionalData, outcome) =>
    expect(outcomeOfPayment(result('Authorised', { additionalData }), 'tokenize')).toEqual(outcome),
  );
});

describe('the answer to a later step', () => {
  it.each<[string, HttpOutcome, unknown]>([
    ...NOT_DONE,
    [
      'received',
      answered(201, { status: 'received', pspReference: PSP }),
      { kind: 'pending', gatewayId: PSP },
    ],
    ['another status', answered(201, { status: 'done' }), unknown('answer_unreadable')],
    ['refused', error(422, '167', 'validation'), { kind: 'refused', code: '167' }],
    ['not set up', error(500, '905_1', 'configuration'), { kind: 'refused', code: '905_1' }],
  ])('%s', (_what, http, outcome) => expect(outcomeOfModification(http)).toEqual(outcome));
});

describe('the saved cards', () => {
  const cards = (...storedPaymentMethods: unknown[]) => answered(200, { storedPaymentMethods });
  it.each<[string, HttpOutcome, unknown]>([
    ['one', cards({ id: 'TOKEN1' }), { kind: 'approved', authCode: null, token: 'TOKEN1' }],
    ['none', cards(), { kind: 'not_found' }],
    ['two', cards({ id: 'TOKEN1' }, { id: 'TOKEN2' }), unknown('answer_unreadable')],
    ['one without an id', cards({}), unknown('answer_unreadable')],
    ['no list', answered(200, {}), unknown('answer_unreadable')],
    ['a 404, which may be a proxy’s', answered(404, ''), unknown('gateway_status_404')],
    ['lost', { kind: 'lost', code: 'ETIMEDOUT' }, unknown('query_failed')],
    ['nobody there', { kind: 'not_sent', code: 'ECONNREFUSED' }, unknown('query_failed')],
  ])('%s', (_what, http, outcome) => expect(outcomeOfSavedCards(http)).toEqual(outcome));
});
