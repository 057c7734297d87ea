import { describe, expect, it } from '@jest/globals';
import { FakeScheduler } from '@sordino/core/testing';
import { aTrace, keepNothing } from '../../test-support/charge-trace.ts';
import type { CardBytes, ChargeRequest, FollowUpRequest } from '../gateway.ts';
import type { HttpOutcome, HttpRequest } from '../http.ts';
import { WORLDPAY_ACCESS } from './worldpay-gateway.ts';

const NUMBER = '4444333322221111';
const URL = 'https://try.access.worldpay.com';
const REQUEST: ChargeRequest = {
  ...{ key: 'chg_1', type: 'charge', amount: 4_999, currency: 'gbp', reference: 'INV-7' },
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const aCard = (cvc = '123', postalCode = '', expiry = '0532'): CardBytes => ({
  ...{ number: bytes(NUMBER), expiry: bytes(expiry), cvc: bytes(cvc), postalCode: bytes(postalCode) },
});
const answered = (status: number, body: unknown): HttpOutcome => ({
  ...{ kind: 'answered', status, body: bytes(JSON.stringify(body)) },
});
const link = (path: string) => ({ href: `${URL}${path}` });
const AUTHORIZED = answered(201, {
  ...{ outcome: 'authorized', issuer: { authorizationCode: '0CD8RC' } },
  _links: { 'cardPayments:events': link('/payments/events/eyJrIjoiazNhYjYzMiJ9') },
});
const seen = (lastEvent: string, ...actions: string[]): HttpOutcome =>
  answered(200, {
    lastEvent,
    _links: Object.fromEntries(actions.map((name) => [`cardPayments:${name}`, link(`/do/${name}`)])),
  });

interface Sent {
  readonly request: HttpRequest;
  readonly text: string;
}

function aWorldpay(
  answers: readonly (HttpOutcome | Error)[] = [AUTHORIZED],
  settings: object = {},
  livemode = false,
) {
  const sent: Sent[] = [];
  const gateway = WORLDPAY_ACCESS.create({
    ...{ url: URL, livemode, secrets: { password: bytes('påss') } },
    settings: { entity: 'default', username: 'user', narrative: 'SORDINO LTD', ...settings },
    ways: {
      clock: new FakeScheduler(1_790_000_000_000),
      ...{ hmac: () => new Uint8Array(32), digest: () => new Uint8Array(32) },
      fetchBytes: async (request) => {
        const answer = answers[sent.length];
        sent.push({ request, text: new TextDecoder().decode(request.body) });
        if (answer instanceof Error || answer === undefined) throw new Error('bug');
        return answer;
      },
    },
  });
  return { gateway, sent };
}

describe('a payment', () => {
  it('is one call by the telephone channel', async () => {
    const { gateway, sent } = aWorldpay();
    expect(await gateway.charge(REQUEST, aCard(), keepNothing)).toEqual({
      ...{ kind: 'approved', authCode: '0CD8RC', token: null, gatewayId: 'chg_1' },
    });
    expect(sent[0]?.request).toMatchObject({
      ...{ method: 'POST', url: `${URL}/cardPayments/customerInitiatedTransactions` },
      headers: {
        accept: 'application/vnd.worldpay.payments-v7+json',
        'content-type': 'application/vnd.worldpay.payments-v7+json',
        authorization: `Basic ${Buffer.from('user:påss').toString('base64')}`,
      },
    });
    expect(JSON.parse(sent[0]?.text ?? '')).toEqual({
      ...{ transactionReference: 'chg_1', channel: 'moto', merchant: { entity: 'default' } },
      instruction: {
        ...{ requestAutoSettlement: { enabled: true }, narrative: { line1: 'SORDINO LTD' } },
        value: { currency: 'GBP', amount: 4_999 },
        paymentInstrument: {
          ...{ type: 'card/plain', cardNumber: NUMBER, expiryDate: { month: 5, year: 2032 }, cvc: '123' },
        },
      },
    });
  });

  it.each([
    [
      'an authorisation is not settled',
      { ...REQUEST, type: 'authorize' } as const,
      aCard(),
      '"enabled":false',
    ],
    ['December has two digits', REQUEST, aCard('123', '', '1230'), '"expiryDate":{"month":12,"year":2030}'],
    ['October has two digits', REQUEST, aCard('123', '', '1030'), '"expiryDate":{"month":10,"year":2030}'],
    ['what was not collected is not there', REQUEST, aCard(''), '"year":2032}}}}'],
    [
      'an address has a country',
      REQUEST,
      aCard('123', '94107'),
      '"billingAddress":{"address1":"N/A","city":"N/A","countryCode":"US","postalCode":"94107"}}}}',
    ],
  ])('%s', async (_what, request, card, part) => {
    const { gateway, sent } = aWorldpay([AUTHORIZED], { billing_country: 'US' });
    await gateway.charge(request, card, keepNothing);
    expect(JSON.parse(sent[0]?.text ?? '')).toMatchObject({ channel: 'moto' });
    expect(sent[0]?.text).toContain(part);
  });

  it('leaves the postal code out where no country is configured', async () => {
    const { gateway, sent } = aWorldpay();
    await gateway.charge(REQUEST, aCard('123', '94107'), keepNothing);
    expect(sent[0]?.text).not.toContain('94107');
  });

  it('remembers where to ask for it', async () => {
    const kept: string[] = [];
    const { gateway } = aWorldpay();
    await gateway.charge(REQUEST, aCard(), async (memo) => void kept.push(memo));
    expect(kept).toEqual(['/payments/events/eyJrIjoiazNhYjYzMiJ9']);
  });

  it.each([
    ['is too long', `/payments/events/${'x'.repeat(255)}`],
    ['leads out of its path', '/payments/../../x'],
    ['leads to another host by its path', '//elsewhere.example/x'],
    ['is none', 'x'],
  ])('remembers nothing when the link %s', async (_what, href) => {
    const kept: string[] = [];
    const _links = { 'cardPayments:events': { href } };
    const { gateway } = aWorldpay([answered(201, { outcome: 'authorized', _links })]);
    const outcome = await gateway.charge(REQUEST, aCard(), async (memo) => void kept.push(memo));
    expect([outcome.kind, kept]).toEqual(['approved', []]);
  });

  it('that cannot be remembered is approved all the same', async () => {
    const { gateway } = aWorldpay();
    const outcome = await gateway.charge(REQUEST, aCard(), () => Promise.reject(new Error('disk full')));
    expect(outcome).toMatchObject({ kind: 'approved' });
  });

  it.each(['clp', 'cve', 'isk', 'ugx'])(
    'in %s, whose minor units are not sure, is not sent',
    async (currency) => {
      const { gateway, sent } = aWorldpay();
      const outcome = await gateway.charge({ ...REQUEST, currency }, aCard(), keepNothing);
      expect([outcome, sent]).toEqual([{ kind: 'failed', code: 'currency_not_supported' }, []]);
    },
  );

  it.each([
    ['answered', AUTHORIZED],
    ['lost', { kind: 'lost', code: 'ECONNRESET' } as const],
    ['broken by a bug', new Error('bug')],
  ])('leaves no digit behind when it is %s', async (_how, answer) => {
    const { gateway, sent } = aWorldpay([answer], { billing_country: 'GB' });
    await gateway.charge(REQUEST, aCard('123', '12345'), keepNothing);
    expect(sent[0]?.text).toContain(NUMBER);
    expect(new Set(sent[0]?.request.body)).toEqual(new Set([0]));
  });
});

describe('a look-up', () => {
  it.each([
    [null, '/payments/events?transactionRef=chg_1%262&entity=default'],
    ['/payments/events/eyJr', '/payments/events/eyJr'],
  ])('with memo %s asks at %s', async (memo, path) => {
    const { gateway, sent } = aWorldpay([seen('Authorized')]);
    expect(await gateway.query(aTrace('chg_1&2', { memo }))).toMatchObject({ kind: 'approved' });
    expect(sent[0]?.request).toMatchObject({ method: 'GET', url: `${URL}${path}` });
  });

  it('that breaks proves nothing', async () => {
    const { gateway } = aWorldpay([new Error('bug')]);
    expect(await gateway.query(aTrace('chg_1'))).toEqual({ kind: 'unknown', code: 'query_failed' });
  });
});

describe('a later step', () => {
  const step = (change: Partial<FollowUpRequest> = {}): FollowUpRequest => ({
    ...{ kind: 'settle', key: 'chg_2', charge: aTrace('chg_1', { type: 'authorize' }), gatewayId: 'chg_1' },
    ...{ amount: 4_999, ...change },
  });
  const TAKEN = answered(202, {});
  const done = { kind: 'done', gatewayId: 'chg_1' };
  const pending = { kind: 'pending', gatewayId: 'chg_1' };
  const refused = (code: string) => ({ kind: 'refused', code });

  it.each([
    ['settle', ['Authorized', 'cancel', 'settle'], 'settle', done],
    ['void', ['Authorized', 'cancel', 'settle'], 'cancel', pending],
    ['void', ['Sent for Settlement', 'refund', 'reverse'], 'reverse', done],
    ['void', ['Settled', 'refund'], 'refund', done],
    ['refund', ['Settled', 'refund'], 'refund', pending],
  ] as const)('%s of what is %j follows %s', async (kind, [event, ...actions], name, outcome) => {
    const { gateway, sent } = aWorldpay([seen(event, ...actions), TAKEN]);
    expect(await gateway.followUp?.(step({ kind }))).toEqual(outcome);
    expect(sent[1]?.request).toMatchObject({ method: 'POST', url: `${URL}/do/${name}`, body: undefined });
  });

  it.each([
    ['settle', 'Sent for Settlement', 4_999, done],
    ['settle', 'sentForSettlement', 4_999, done],
    ['void', 'Sent for Cancellation', 4_999, done],
    ['void', 'Refunded', 4_999, done],
    ['refund', 'Sent for Refund', 4_999, done],
    ['settle', 'Refused', 4_999, refused('gateway_has_no_such_step')],
    ['void', 'Expired', 4_999, refused('gateway_has_no_such_step')],
    ['refund', 'Authorized', 4_999, refused('gateway_has_no_such_step')],
    ['settle', 'Authorized', 4_998, refused('parts_not_supported')],
    ['refund', 'Settled', 1, refused('parts_not_supported')],
  ] as const)('%s of what is %s, by %d, sends nothing', async (kind, event, amount, outcome) => {
    const { gateway, sent } = aWorldpay([seen(event)]);
    expect(await gateway.followUp?.(step({ kind, amount }))).toEqual(outcome);
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['not found yet', answered(404, { errorName: 'entityNotFound' }), 'gateway_lags'],
    ['not to be asked', answered(500, {}), 'gateway_status_500'],
    ['not there', { kind: 'not_sent', code: 'ECONNREFUSED' } as const, 'query_failed'],
  ])('of a payment that is %s was not sent', async (_what, answer, code) => {
    const { gateway } = aWorldpay([answer]);
    expect(await gateway.followUp?.(step())).toEqual({ kind: 'not_sent', code });
  });

  it.each([
    ['lost', { kind: 'lost', code: 'ECONNRESET' } as const, { kind: 'unknown', code: 'answer_lost' }],
    ['an error', answered(500, {}), { kind: 'unknown', code: 'gateway_status_500' }],
    [
      'a refusal, which the look-up did not expect',
      answered(400, { errorName: 'operationNotAllowed' }),
      { kind: 'unknown', code: 'operationNotAllowed' },
    ],
    ['too many', answered(429, {}), { kind: 'not_sent', code: 'gateway_busy' }],
  ])('whose answer is %s', async (_what, answer, outcome) => {
    const { gateway } = aWorldpay([seen('Authorized', 'settle'), answer]);
    expect(await gateway.followUp?.(step())).toEqual(outcome);
  });
});

describe('an account', () => {
  it.each([
    [{ narrative: '' }, 'narrative must be 1 to 24 characters'],
    [{ narrative: 'x'.repeat(25) }, 'narrative must be 1 to 24 characters'],
    [{ billing_country: 'UK1' }, 'billing_country must be two capital letters'],
  ])('with %j is refused', (settings, message) => {
    expect(() => aWorldpay([], settings)).toThrow(message);
  });

  it('asks for refusals in Try only', () => {
    expect(() => aWorldpay([], { test_holder_name: 'REFUSED' }, true)).toThrow('test_holder_name is for Try');
  });
});
