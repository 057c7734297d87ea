import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { FakeScheduler } from '@sordino/core/testing';
import { aTrace, keepNothing } from '../../test-support/charge-trace.ts';
import type { HmacSha256 } from '../../webhooks/signature.ts';
import { amountText } from '../amount-text.ts';
import type { CardBytes, ChargeRequest } from '../gateway.ts';
import type { HttpOutcome, HttpRequest } from '../http.ts';
import { createHttpsGateway } from './https-gateway.ts';
import { outcomeOfPay, outcomeOfStatus, outcomeOfStep } from './outcome-map.ts';

const NUMBER = '4242424242424242';
const SECRET = new Uint8Array(24).fill(7);
const REQUEST: ChargeRequest = {
  key: 'chg_1',
  type: 'charge',
  amount: 4999,
  currency: 'gbp',
  reference: 'INV "7" é',
};

const hmac: HmacSha256 = (key, ...parts) => {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest('base64');
};

function aCard(cvc = '123', postalCode = ''): CardBytes {
  const bytes = (text: string) => new TextEncoder().encode(text);
  return { number: bytes(NUMBER), expiry: bytes('1230'), cvc: bytes(cvc), postalCode: bytes(postalCode) };
}

/** What the gateway sends, as text: its own bytes are wiped when the promise settles. */
function aGateway(answer: HttpOutcome | (() => Promise<HttpOutcome>)) {
  const sent: { request: HttpRequest; body: string }[] = [];
  const gateway = createHttpsGateway({
    url: 'http://127.0.0.1:8091/pay',
    livemode: false,
    secrets: [SECRET],
    hmac,
    clock: new FakeScheduler(1_790_000_000_000),
    fetchBytes: async (request) => {
      sent.push({ request, body: new TextDecoder().decode(request.body) });
      return typeof answer === 'function' ? answer() : answer;
    },
  });
  return { gateway, sent };
}

const answered = (status: number, body: unknown): HttpOutcome => ({
  kind: 'answered',
  status,
  body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
});
const pay = (change: object = {}) => ({
  ...{ charge_id: null, token_id: null, auth_code: null, error_code: null, error_message: null },
  ...change,
});
const unknown = (code: string) => ({ kind: 'unknown', code });

describe('a charge', () => {
  it('has the names of the generic pay connector, and is signed', async () => {
    const { gateway, sent } = aGateway(answered(200, pay({ charge_id: 'ch_1', auth_code: 'A1B2C3' })));
    expect(await gateway.charge(REQUEST, aCard(), keepNothing)).toEqual({
      kind: 'approved',
      authCode: 'A1B2C3',
      token: null,
      gatewayId: 'ch_1',
    });
    const [{ request, body } = { request: undefined, body: '' }] = sent;
    expect(JSON.parse(body)).toEqual({
      transaction_id: 'chg_1',
      method: 'charge',
      amount: '49.99',
      currency_code: 'gbp',
      description: 'INV "7" é',
      parameters: { moto: true },
      cardnumber: NUMBER,
      expiry_month: '12',
      expiry_year: '30',
      cvv: '123',
      postal_code: null,
    });
    expect(request).toMatchObject({
      method: 'POST',
      url: 'http://127.0.0.1:8091/pay',
      headers: {
        'webhook-id': 'chg_1',
        'webhook-timestamp': '1790000000',
        'webhook-signature': `v1,${hmac(SECRET, `chg_1.1790000000.${body}`)}`,
        'idempotency-key': 'chg_1',
      },
    });
  });

  it.each(['authorize', 'tokenize'] as const)('may be to %s', async (type) => {
    const { gateway, sent } = aGateway(answered(200, pay({ token_id: 'tok_1' })));
    expect(await gateway.charge({ ...REQUEST, type }, aCard(), keepNothing)).toMatchObject({
      token: 'tok_1',
    });
    expect(JSON.parse(sent[0]?.body ?? '')).toMatchObject({ method: type });
  });

  it.each([
    ['answered', () => Promise.resolve(answered(200, pay({ charge_id: 'ch_1' })))],
    ['lost', () => Promise.resolve({ kind: 'lost', code: 'ECONNRESET' } as const)],
    ['broken by a bug', () => Promise.reject(new Error('bug'))],
  ])('leaves no digit behind when it is %s', async (_how, answer) => {
    const { gateway, sent } = aGateway(answer);
    await gateway.charge(REQUEST, aCard(), keepNothing);
    expect(sent[0]?.body).toContain(NUMBER);
    expect(new Set(sent[0]?.request.body)).toEqual(new Set([0]));
  });

  it('that is too large is not sent at all', async () => {
    const { gateway, sent } = aGateway(answered(200, pay()));
    const outcome = await gateway.charge(
      { ...REQUEST, reference: '\u0001'.repeat(700) },
      aCard(),
      keepNothing,
    );
    expect([outcome, sent]).toEqual([{ kind: 'failed', code: 'request_too_large' }, []]);
  });
});

describe('a query', () => {
  it('asks by the reference, without a card', async () => {
    const { gateway, sent } = aGateway(answered(200, pay({ error_code: 'not_found' })));
    expect(await gateway.query(aTrace('chg_1'))).toEqual({ kind: 'not_found' });
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({ transaction_id: 'chg_1', method: 'status' });
    expect(sent[0]?.request.headers['webhook-id']).toBe('chg_1');
  });

  it('that breaks proves nothing', async () => {
    const { gateway } = aGateway(() => Promise.reject(new Error('bug')));
    expect(await gateway.query(aTrace('chg_1'))).toEqual(unknown('query_failed'));
  });
});

it.each([
  [4_999, 'gbp', '49.99'],
  [5, 'eur', '0.05'],
  [50, 'usd', '0.50'],
  [4_999, 'jpy', '4999'],
  [4_999, 'bhd', '4.999'],
  [100_000_000, 'gbp', '1000000.00'],
])('%d of %s is %s', (minor, currency, text) => expect(amountText(minor, currency)).toBe(text));

describe('the answer to a charge', () => {
  it.each<[string, HttpOutcome, unknown]>([
    [
      'a token',
      answered(200, pay({ token_id: 'tok_1' })),
      { kind: 'approved', authCode: null, token: 'tok_1', gatewayId: 'tok_1' },
    ],
    [
      'without what is ours',
      answered(200, { charge_id: 'ch_1', error_code: null, error_message: null }),
      { kind: 'approved', authCode: null, token: null, gatewayId: 'ch_1' },
    ],
    [
      'the card number for a token',
      answered(200, pay({ token_id: NUMBER })),
      { kind: 'approved', authCode: null, token: null, gatewayId: null },
    ],
    [
      'a decline',
      answered(200, pay({ error_code: 'insufficient_funds' })),
      { kind: 'declined', declineCode: 'insufficient_funds' },
    ],
    [
      'a decline that the agent is not told of',
      answered(200, pay({ error_code: 'stolen_card' })),
      { kind: 'declined', declineCode: 'generic_decline' },
    ],
    [
      'an id and an error',
      answered(200, pay({ charge_id: 'ch_1', error_code: 7 })),
      unknown('answer_unreadable'),
    ],
    ['neither id nor error', answered(200, pay()), unknown('answer_unreadable')],
    ['a page', answered(200, '<html>'), unknown('answer_unreadable')],
    ['half a body', answered(200, '{"charge_id":"ch'), unknown('answer_unreadable')],
    [
      'no connection',
      { kind: 'not_sent', code: 'ECONNREFUSED' },
      { kind: 'not_sent', code: 'gateway_unreachable' },
    ],
    ['a reset', { kind: 'lost', code: 'ECONNRESET' }, unknown('answer_lost')],
    [
      'bad signature',
      answered(401, { error_code: 'bad_signature' }),
      { kind: 'failed', code: 'bad_signature' },
    ],
    ['a bad request', answered(400, ''), { kind: 'failed', code: 'gateway_refused_request' }],
    ['too many', answered(429, ''), { kind: 'not_sent', code: 'gateway_busy' }],
    ['in use', answered(409, ''), unknown('gateway_status_409')],
    ['an error', answered(500, pay({ error_code: 'card_declined' })), unknown('gateway_status_500')],
    ['a redirect', answered(302, ''), unknown('gateway_status_302')],
  ])('%s', (_what, http, outcome) => expect(outcomeOfPay(http)).toEqual(outcome));
});

describe('the answer to a later step', () => {
  it.each<[string, HttpOutcome, unknown]>([
    ['done', answered(200, pay({ charge_id: 're_1' })), { kind: 'done', gatewayId: 're_1' }],
    [
      'refused',
      answered(200, pay({ error_code: 'already_voided' })),
      { kind: 'refused', code: 'already_voided' },
    ],
    ['a bad request', answered(400, ''), { kind: 'refused', code: 'gateway_refused_request' }],
    ['busy', answered(429, ''), { kind: 'not_sent', code: 'gateway_busy' }],
    ['reset', { kind: 'lost', code: 'ECONNRESET' }, unknown('answer_lost')],
  ])('%s', (_what, http, outcome) => expect(outcomeOfStep(http)).toEqual(outcome));
});

describe('the answer to a query', () => {
  it.each<[string, HttpOutcome, unknown]>([
    [
      'done',
      answered(200, pay({ charge_id: 'ch_1' })),
      { kind: 'approved', authCode: null, token: null, gatewayId: 'ch_1' },
    ],
    [
      'declined',
      answered(200, pay({ error_code: 'expired_card' })),
      { kind: 'declined', declineCode: 'expired_card' },
    ],
    ['never heard of', answered(200, pay({ error_code: 'not_found' })), { kind: 'not_found' }],
    [
      'a 404, which may be a proxy’s',
      answered(404, pay({ error_code: 'not_found' })),
      unknown('gateway_status_404'),
    ],
    ['nobody there', { kind: 'not_sent', code: 'ECONNREFUSED' }, unknown('query_failed')],
    ['lost', { kind: 'lost', code: 'ETIMEDOUT' }, unknown('query_failed')],
    ['unreadable', answered(200, 'null'), unknown('answer_unreadable')],
  ])('%s', (_what, http, outcome) => expect(outcomeOfStatus(http)).toEqual(outcome));
});
