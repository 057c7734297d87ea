import { describe, expect, it } from '@jest/globals';
import type { HttpOutcome } from '../http.ts';
import { outcomeOfCharge, outcomeOfFollowUp, outcomeOfTokenize } from './outcome-map.ts';

const http = (status: number, body: string): HttpOutcome => ({
  ...{ kind: 'answered', status, body: new TextEncoder().encode(body) },
});
const sale = (status: string, more = '', currency = 'GBP') =>
  `<transaction><id>abc123</id><status>${status}</status><type>sale</type><order-id>chg_1</order-id>` +
  `<currency-iso-code>${currency}</currency-iso-code>${more}</transaction>`;
const refused = (inside: string) => http(422, `<api-error-response>${inside}</api-error-response>`);
const errors = (code: string) =>
  `<errors><errors type="array"/><transaction><errors type="array"/><credit-card><errors type="array"><error><code>${code}</code>` +
  '<attribute type="symbol">number</attribute></error></errors></credit-card></transaction></errors>';
const processor = (code: string, type = 'hard_declined') =>
  `<processor-response-code>${code}</processor-response-code><processor-response-type>${type}</processor-response-type>`;

const UNKNOWN = (code: string) => ({ kind: 'unknown', code });
const FAILED = (code: string) => ({ kind: 'failed', code });
const DECLINED = (declineCode: string, category: string, retry: string, raw: string | null) => ({
  ...{ kind: 'declined', declineCode, advice: { category, retry, raw } },
});

const COMMON: readonly [string, HttpOutcome, object][] = [
  ['refused connection', { kind: 'not_sent', code: 'x' }, { kind: 'not_sent', code: 'gateway_unreachable' }],
  ['lost answer', { kind: 'lost', code: 'ECONNRESET' }, UNKNOWN('answer_lost')],
  ['429', http(429, ''), { kind: 'not_sent', code: 'gateway_busy' }],
  ['401', http(401, ''), FAILED('gateway_status_401')],
  ['404', http(404, '<html/>'), FAILED('gateway_status_404')],
  ['426', http(426, ''), FAILED('gateway_status_426')],
  ['408', http(408, ''), UNKNOWN('gateway_status_408')],
  ['500', http(500, ''), UNKNOWN('gateway_status_500')],
  ['503', http(503, '<html/>'), UNKNOWN('gateway_status_503')],
  ['302', http(302, ''), UNKNOWN('gateway_status_302')],
  ['a page', http(200, '<html/>'), UNKNOWN('answer_unreadable')],
  ['half an answer', http(201, '<transaction><id>abc123</id>'), UNKNOWN('answer_unreadable')],
  ['a 422 of a proxy', http(422, '<html/>'), UNKNOWN('answer_unreadable')],
  [
    'a wrong number',
    refused(errors('81715')),
    DECLINED('generic_decline', 'bad_number', 'fix_field', '81715'),
  ],
  [
    'a wrong security code',
    refused(errors('81707')),
    DECLINED('incorrect_cvc', 'bad_cvv', 'fix_field', '81707'),
  ],
  ['a wrong expiry', refused(errors('81710')), DECLINED('expired_card', 'expired', 'fix_field', '81710')],
  ['a wrong member', refused(errors('91577')), FAILED('validation_91577')],
  // A word that every object knows is no code of the gateway's.
  ['a member named constructor', refused(errors('constructor')), FAILED('validation_constructor')],
  ['a member named __proto__', refused(errors('__proto__')), FAILED('validation___proto__')],
  ['a refusal without a reason', refused('<message>No</message>'), FAILED('gateway_refused_request')],
];

describe('the answer to a charge at Braintree', () => {
  const auth = '<processor-authorization-code>A1B2C3</processor-authorization-code>';
  const approval = { kind: 'approved', authCode: 'A1B2C3', token: null, gatewayId: 'abc123' };
  it.each<[string, HttpOutcome, object]>([
    ...COMMON,
    ['authorized', http(201, sale('authorized', auth)), approval],
    ['submitted', http(201, sale('submitted_for_settlement', auth)), approval],
    ['settled, in a 200', http(200, sale('settled', auth)), approval],
    ['in dollars', http(201, sale('authorized', auth, 'USD')), UNKNOWN('charged_in_another_currency')],
    [
      'with a card number for a code',
      http(201, sale('authorized', auth.replace('A1B2C3', '4111111111111111'))),
      { ...approval, authCode: null },
    ],
    [
      'without an id',
      http(201, '<transaction><status>authorized</status></transaction>'),
      UNKNOWN('answer_unreadable'),
    ],
    ['without a status', http(201, '<transaction><id>a</id></transaction>'), UNKNOWN('answer_unreadable')],
    ['authorizing', http(201, sale('authorizing')), UNKNOWN('status_authorizing')],
    ['a status to come', http(201, sale('pondering')), UNKNOWN('status_pondering')],
    ['voided', http(201, sale('voided')), FAILED('charge_voided')],
    ['settlement_declined', http(201, sale('settlement_declined')), FAILED('settlement_declined')],
    ['authorization_expired', http(201, sale('authorization_expired')), FAILED('authorization_expired')],
    [
      '2000',
      refused(sale('processor_declined', processor('2000', 'soft_declined'))),
      DECLINED('generic_decline', 'do_not_honour', 'same_card_later', '2000'),
    ],
    [
      '2001',
      refused(sale('processor_declined', processor('2001', 'soft_declined'))),
      DECLINED('insufficient_funds', 'funds', 'same_card_later', '2001'),
    ],
    [
      '2004',
      refused(sale('processor_declined', processor('2004'))),
      DECLINED('expired_card', 'expired', 'fix_field', '2004'),
    ],
    [
      '2010',
      refused(sale('processor_declined', processor('2010'))),
      DECLINED('incorrect_cvc', 'bad_cvv', 'fix_field', '2010'),
    ],
    [
      '2012',
      refused(sale('processor_declined', processor('2012'))),
      DECLINED('generic_decline', 'lost_stolen', 'never', '2012'),
    ],
    [
      '2014',
      refused(sale('processor_declined', processor('2014'))),
      DECLINED('generic_decline', 'fraud_block', 'never', '2014'),
    ],
    [
      '2999',
      refused(sale('processor_declined', processor('2999'))),
      DECLINED('generic_decline', 'other', 'other_card', '2999'),
    ],
    [
      'declined without a code',
      refused(sale('processor_declined')),
      DECLINED('generic_decline', 'other', 'other_card', null),
    ],
    [
      'failed',
      refused(sale('failed', processor('3000'))),
      DECLINED('generic_decline', 'issuer_down', 'same_card_later', '3000'),
    ],
    [
      'rejected: avs_and_cvv',
      refused(sale('gateway_rejected', '<gateway-rejection-reason>avs_and_cvv</gateway-rejection-reason>')),
      DECLINED('incorrect_cvc', 'bad_cvv', 'fix_field', 'avs_and_cvv'),
    ],
    [
      'rejected: three_d_secure',
      refused(
        sale('gateway_rejected', '<gateway-rejection-reason>three_d_secure</gateway-rejection-reason>'),
      ),
      DECLINED('generic_decline', 'sca_required', 'other_card', 'three_d_secure'),
    ],
    [
      'rejected: constructor',
      refused(sale('gateway_rejected', '<gateway-rejection-reason>constructor</gateway-rejection-reason>')),
      DECLINED('generic_decline', 'other', 'other_card', 'constructor'),
    ],
    [
      'rejected: duplicate',
      refused(sale('gateway_rejected', '<gateway-rejection-reason>duplicate</gateway-rejection-reason>')),
      { kind: 'duplicate' },
    ],
    ['a transaction that says approved in a refusal', refused(sale('authorized', auth)), approval],
  ])('%s', (_name, answer, outcome) => expect(outcomeOfCharge(answer, 'gbp')).toEqual(outcome));
});

describe('the answer to a card that is to be saved', () => {
  const verification = (inside: string) => refused(`<verification>${inside}</verification>`);
  it.each<[string, HttpOutcome, object]>([
    ...COMMON,
    [
      'saved',
      http(
        201,
        '<customer><id>chg_1</id><credit-cards type="array"><credit-card><token>tok1</token></credit-card></credit-cards></customer>',
      ),
      { kind: 'approved', authCode: null, token: 'tok1', gatewayId: 'chg_1' },
    ],
    [
      'a customer without a card',
      http(201, '<customer><id>chg_1</id></customer>'),
      UNKNOWN('answer_unreadable'),
    ],
    ['there already', refused(errors('91609')), { kind: 'exists' }],
    [
      'declined by the bank',
      verification(`<status>processor_declined</status>${processor('2010')}`),
      DECLINED('incorrect_cvc', 'bad_cvv', 'fix_field', '2010'),
    ],
    [
      'rejected by a rule',
      verification(
        '<status>gateway_rejected</status><gateway-rejection-reason>cvv</gateway-rejection-reason>',
      ),
      DECLINED('incorrect_cvc', 'bad_cvv', 'fix_field', 'cvv'),
    ],
  ])('%s', (_name, answer, outcome) => expect(outcomeOfTokenize(answer)).toEqual(outcome));
});

describe('the answer to a later step', () => {
  it.each<[string, HttpOutcome, object]>([
    ['done', http(200, sale('voided')), { kind: 'done', gatewayId: 'abc123' }],
    ['refused', refused(errors('91504')), { kind: 'refused', code: 'validation_91504' }],
    ['401', http(401, ''), { kind: 'refused', code: 'gateway_status_401' }],
    ['lost', { kind: 'lost', code: 'x' }, UNKNOWN('answer_lost')],
    ['500', http(500, ''), UNKNOWN('gateway_status_500')],
    ['not sent', { kind: 'not_sent', code: 'x' }, { kind: 'not_sent', code: 'gateway_unreachable' }],
  ])('%s', (_name, answer, outcome) => expect(outcomeOfFollowUp(answer)).toEqual(outcome));
});
