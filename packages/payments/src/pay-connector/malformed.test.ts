import { beforeEach, describe, expect, it } from '@jest/globals';
import { PLAIN_CAPABILITIES } from '../test-support/charge-trace.ts';
import { aPayRequest, CARD, CVV, sendPay, wipedIn } from '../test-support/pay-request.ts';
import { CALLER, CONNECTOR, World } from '../test-support/payment-session.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

const SPACED = '4242 4242 4242 4242';

describe('what is malformed is refused by its place, without a word of it', () => {
  const without = (name: string) =>
    Object.fromEntries(Object.entries(aPayRequest()).filter(([each]) => each !== name));

  it.each<[string, unknown, string | null, string]>([
    ['nothing', '', 'body', 'malformed_json'],
    ['half of it', JSON.stringify(aPayRequest()).slice(0, -1), 'body', 'malformed_json'],
    ['a list', [aPayRequest()], 'body', 'malformed_json'],
    ['a form', `cardnumber=${CARD}&cvv=${CVV}`, 'body', 'malformed_json'],
    [
      'a card number twice',
      JSON.stringify(aPayRequest()).replace('{', `{"cardnumber":"${CARD}",`),
      'cardnumber',
      'invalid_parameter',
    ],
    ...[
      'transaction_id',
      'method',
      'cardnumber',
      'expiry_month',
      'expiry_year',
      'amount',
      'currency_code',
    ].map((name): [string, unknown, string, string] => [
      `no ${name}`,
      without(name),
      name,
      'parameter_missing',
    ]),
    ['an empty transaction_id', aPayRequest({ transaction_id: '' }), 'transaction_id', 'invalid_parameter'],
    [
      'a transaction_id with spaces',
      aPayRequest({ transaction_id: 'a b' }),
      'transaction_id',
      'invalid_parameter',
    ],
    [
      'a long transaction_id',
      aPayRequest({ transaction_id: 'a'.repeat(256) }),
      'transaction_id',
      'invalid_parameter',
    ],
    [
      'a card number as transaction_id',
      aPayRequest({ transaction_id: CARD }),
      'transaction_id',
      'card_data_refused',
    ],
    [
      'a list as transaction_id',
      aPayRequest({ transaction_id: ['a'] }),
      'transaction_id',
      'invalid_parameter',
    ],
    ['another method', aPayRequest({ method: 'refund' }), 'method', 'invalid_parameter'],
    ['no such currency', aPayRequest({ currency_code: 'XYZ' }), 'currency_code', 'unknown_currency'],
    ...['-1', '0', '0.00', '1e3', '49.999', '1,50', ' 5', '5 ', '1000000.00', '99999999999', 'ten', ''].map(
      (amount): [string, unknown, string, string] => [
        `the amount "${amount}"`,
        aPayRequest({ amount }),
        'amount',
        amount === '' ? 'parameter_missing' : 'amount_out_of_range',
      ],
    ),
    [
      'parts of a yen',
      aPayRequest({ amount: '5.50', currency_code: 'JPY' }),
      'amount',
      'amount_out_of_range',
    ],
    ['a long description', aPayRequest({ description: 'd'.repeat(256) }), 'description', 'too_long'],
    [
      'a card in the description',
      aPayRequest({ description: `card ${SPACED}` }),
      'description',
      'card_data_refused',
    ],
    [
      'a card in the description, in escapes',
      JSON.stringify(aPayRequest({ description: 'HERE' })).replace(
        'HERE',
        [...CARD].map((digit) => `\\u003${digit}`).join(''),
      ),
      'description',
      'card_data_refused',
    ],
    ['parameters in a list', aPayRequest({ parameters: ['a'] }), 'parameters', 'invalid_parameter'],
    ['a list in parameters', aPayRequest({ parameters: { a: [] } }), 'parameters.a', 'invalid_parameter'],
    ['a card in parameters', aPayRequest({ parameters: { a: CARD } }), 'parameters.a', 'card_data_refused'],
    [
      'a card as the name of a parameter',
      aPayRequest({ parameters: { [CARD]: 'a' } }),
      'parameters',
      'card_data_refused',
    ],
    [
      'a strange name in parameters',
      aPayRequest({ parameters: { 'a b': 'c' } }),
      'parameters',
      'invalid_parameter',
    ],
    [
      'too many parameters',
      aPayRequest({ parameters: Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`p${at}`, 'x'])) }),
      'parameters',
      'too_many_keys',
    ],
    [
      'a card number that is a number',
      aPayRequest({ cardnumber: Number(CARD) }),
      'cardnumber',
      'invalid_parameter',
    ],
    ['a card number in groups', aPayRequest({ cardnumber: SPACED }), 'cardnumber', 'invalid_parameter'],
    [
      'a card number in escapes',
      JSON.stringify(aPayRequest()).replace(CARD, `\\u0034${CARD.slice(1)}`),
      'cardnumber',
      'invalid_parameter',
    ],
    [
      'a wrong check digit',
      aPayRequest({ cardnumber: '4242424242424241' }),
      'cardnumber',
      'invalid_parameter',
    ],
    ['a short card number', aPayRequest({ cardnumber: '42424242' }), 'cardnumber', 'invalid_parameter'],
    [
      'a very long card number',
      aPayRequest({ cardnumber: CARD.repeat(10) }),
      'cardnumber',
      'invalid_parameter',
    ],
    [
      'a real card with a test key',
      aPayRequest({ cardnumber: '4539578763621486' }),
      'cardnumber',
      'invalid_parameter',
    ],
    ['month 13', aPayRequest({ expiry_month: '13' }), 'expiry_month', 'invalid_parameter'],
    ['month 00', aPayRequest({ expiry_month: '00' }), 'expiry_month', 'invalid_parameter'],
    ['month 012', aPayRequest({ expiry_month: '012' }), 'expiry_month', 'invalid_parameter'],
    ['a month in words', aPayRequest({ expiry_month: 'May' }), 'expiry_month', 'invalid_parameter'],
    ['a year of three digits', aPayRequest({ expiry_year: '030' }), 'expiry_year', 'invalid_parameter'],
    ['the year 1930', aPayRequest({ expiry_year: '1930' }), 'expiry_year', 'invalid_parameter'],
    ['an expired card', aPayRequest({ expiry_year: '20' }), 'expiry_year', 'invalid_parameter'],
    ['a card of the far future', aPayRequest({ expiry_year: '70' }), 'expiry_year', 'invalid_parameter'],
    ['a security code of two digits', aPayRequest({ cvv: '73' }), 'cvv', 'invalid_parameter'],
    ['a security code of another brand', aPayRequest({ cvv: '7391' }), 'cvv', 'invalid_parameter'],
    ['a security code of letters', aPayRequest({ cvv: 'abc' }), 'cvv', 'invalid_parameter'],
    ['a postal code of letters', aPayRequest({ postal_code: 'SW1A' }), 'postal_code', 'invalid_parameter'],
    ['a postal code of two digits', aPayRequest({ postal_code: '12' }), 'postal_code', 'invalid_parameter'],
  ])('%s', async (_what, body, param, code) => {
    const result = await sendPay(world, body);
    expect(result).toMatchObject({ ok: false, problem: { httpStatus: 400, param, code } });
    expect(JSON.stringify(result)).not.toMatch(/4242|739|SW1A|453957/);
    expect([world.store.changes, world.gateway.requests, world.service.paymentsInProgress()]).toEqual([
      [],
      [],
      [],
    ]);
    expect(wipedIn(world)).toBe(true);
  });

  it('a method that the connector lacks', async () => {
    world.gateway.capabilities = { ...PLAIN_CAPABILITIES, tokenize: false };
    expect(await sendPay(world, aPayRequest({ method: 'tokenize' }))).toMatchObject({
      problem: { httpStatus: 400, param: 'method', code: 'unsupported_by_connector' },
    });
  });

  it('a text that is not UTF-8', async () => {
    const body = new TextEncoder().encode(JSON.stringify(aPayRequest()));
    body[body.indexOf('I'.charCodeAt(0))] = 0xff;
    expect(await world.service.pay(CALLER, CONNECTOR, body)).toMatchObject({
      problem: { param: 'description' },
    });
  });
});
