import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GATEWAY_KINDS, type Gateway, type NoticeItem, type NoticeVerdict } from '@sordino/payments';
import { ADYEN_TEST_CARD, type AdyenSimulator, type MoneyEntry, startAdyenSimulator } from '@sordino/testkit';
import { aCard, aRequest, aTrace, gatewaySpec, keepNothing, WAYS } from './support.ts';

/** The Adyen connector against a simulated Adyen over real sockets, its notices included. */
const merchantAccount = 'SordinoMOTO';
const apiKey = 'AQEyhmfxK-test';
const hmacKey = randomBytes(32).toString('hex');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let simulator: AdyenSimulator;
let gateway: Gateway;
let receiver: Server;
const heard: NoticeVerdict[] = [];

function open(settings: Record<string, string> = {}, change: { url?: string; key?: string } = {}): Gateway {
  const kind = GATEWAY_KINDS.find(({ type }) => type === 'adyen');
  if (kind === undefined) throw new Error('there is no such kind of gateway');
  return kind.create({
    ...{ url: change.url ?? simulator.url, livemode: false, ways: WAYS },
    settings: { merchant_account: merchantAccount, ...settings },
    secrets: { api_key: bytes(change.key ?? apiKey), hmac_key: bytes(hmacKey) },
  });
}

/** Takes notices as the service does: what is refused, is asked for again by the sender. */
async function aReceiver(): Promise<Server> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = request.headers as Record<string, string>;
    const verdict = gateway.notices?.({ headers, body: Buffer.concat(chunks), nowMs: Date.now() });
    if (verdict !== undefined) heard.push(verdict);
    if (verdict?.kind === 'read') response.writeHead(200).end(verdict.answer);
    else response.writeHead(401).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

beforeAll(async () => {
  const description = gatewaySpec('adyen/CheckoutService-v72.json');
  simulator = await startAdyenSimulator({
    ...{ apiKey, merchantAccount, hmacKey },
    ...(description === undefined ? {} : { description }),
  });
  gateway = open();
  receiver = await aReceiver();
  simulator.notices.sendTo(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
});
afterAll(async () => {
  await simulator.close();
  receiver.close();
});

const testCard = (cvc = ADYEN_TEST_CARD.cvc as string, expiry = ADYEN_TEST_CARD.expiry as string) =>
  aCard(ADYEN_TEST_CARD.number, cvc, '', expiry);
const booked = (reference: string): readonly MoneyEntry[] =>
  simulator.ledger().entries.filter((entry) => entry.reference === reference);

/** What the notices that came by now say of a charge, by our key or by Adyen's. */
async function told(about: string): Promise<NoticeItem['tells'][]> {
  await simulator.notices.idle();
  const items = heard.flatMap((verdict) => (verdict.kind === 'read' ? verdict.items : []));
  return items.filter((item) => Object.values(item.about).includes(about)).map(({ tells }) => tells);
}

/** An approved charge and its id at Adyen. */
async function approved(key: string, type: 'charge' | 'authorize', from = gateway): Promise<string> {
  const outcome = await from.charge(aRequest(key, { type }), testCard(), keepNothing);
  if (outcome.kind !== 'approved' || typeof outcome.gatewayId !== 'string')
    throw new Error(`not approved: ${JSON.stringify(outcome)}`);
  return outcome.gatewayId;
}

describe('a payment', () => {
  it('is approved, booked once with our reference, and told again by a notice', async () => {
    const outcome = await gateway.charge(aRequest('pay-1'), testCard(), keepNothing);
    const authCode = expect.stringMatching(/^[A-Z]{6}$/);
    const gatewayId = expect.stringMatching(/^[A-Z]{16}$/);
    expect(outcome).toEqual({ kind: 'approved', authCode, token: null, gatewayId });
    expect(booked('pay-1')).toMatchObject([
      { kind: 'charge', amount: 4_999, currency: 'gbp', status: 'approved', settled: 0 },
    ]);
    expect(await told('pay-1')).toEqual([{ of: 'charge', outcome }]);
  });

  it('only reserves when it is to authorize', async () => {
    await approved('auth-1', 'authorize');
    simulator.captureDue();
    expect(booked('auth-1')).toMatchObject([{ kind: 'authorize', status: 'approved' }]);
    expect(booked('pay-1')).toMatchObject([{ kind: 'charge', status: 'settled', settled: 4_999 }]);
  });

  it('settles at once when the account wants no delay', async () => {
    await approved('now-1', 'charge', open({ capture_delay_hours: '0' }));
    expect(booked('now-1')).toMatchObject([{ status: 'settled' }]);
  });

  it('of a card to be saved moves no money, and the card can be looked up afterwards', async () => {
    const outcome = await gateway.charge(aRequest('save-1', { type: 'tokenize' }), testCard(), keepNothing);
    expect(outcome).toMatchObject({ kind: 'approved', token: expect.stringMatching(/^[A-Z]{16}$/) });
    expect(booked('save-1')).toMatchObject([{ kind: 'tokenize', amount: null, status: 'approved' }]);
    const { token } = outcome as { token: string };
    expect(await gateway.query(aTrace('save-1', { type: 'tokenize' }))).toMatchObject({
      kind: 'approved',
      token,
    });
    expect(await gateway.query(aTrace('save-2', { type: 'tokenize' }))).toEqual({ kind: 'not_found' });
  });

  it('takes a postal code and a card without its code', async () => {
    const card = aCard(ADYEN_TEST_CARD.number, '', '94107', ADYEN_TEST_CARD.expiry);
    expect(await gateway.charge(aRequest('avs-1'), card, keepNothing)).toMatchObject({ kind: 'approved' });
  });

  it.each([
    ['a wrong code', testCard('123'), 'bad_cvv', 'fix_field', '24', 'incorrect_cvc'],
    ['a wrong date', testCard('737', '1230'), 'expired', 'fix_field', '6', 'expired_card'],
    [
      'a number that Adyen does not know',
      aCard('4242424242424242'),
      'bad_number',
      'fix_field',
      '101',
      'generic_decline',
    ],
  ])(
    'with %s is declined, and says which field to ask for again',
    async (what, card, category, retry, raw, code) => {
      expect(await gateway.charge(aRequest(what.replaceAll(' ', '-')), card, keepNothing)).toEqual({
        ...{ kind: 'declined', declineCode: code, advice: { category, retry, raw } },
      });
    },
  );

  it.each([
    ['12', 'insufficient_funds', 'funds'],
    ['2', 'generic_decline', 'do_not_honour'],
    ['4', 'generic_decline', 'issuer_down'],
    ['5', 'generic_decline', 'lost_stolen'],
    ['20', 'generic_decline', 'fraud_block'],
    ['38', 'generic_decline', 'sca_required'],
  ])(
    'is refused with code %s as its test setting asks',
    async (test_response_code, declineCode, category) => {
      const key = `refused-${test_response_code}`;
      const outcome = await open({ test_response_code }).charge(aRequest(key), testCard(), keepNothing);
      expect(outcome).toMatchObject({
        kind: 'declined',
        declineCode,
        advice: { category, raw: test_response_code },
      });
      expect(booked(key)).toMatchObject([{ status: 'declined' }]);
    },
  );

  it('that Adyen has only received is not known until its notice comes', async () => {
    const pending = open({ test_response_code: '13' });
    expect(await pending.charge(aRequest('slow-1'), testCard(), keepNothing)).toEqual({
      ...{ kind: 'unknown', code: 'gateway_pending' },
    });
    expect(await told('slow-1')).toMatchObject([{ of: 'charge', outcome: { kind: 'approved' } }]);
  });

  it.each([
    ['another API key', () => open({}, { key: 'wrong' }), '000'],
    ['another merchant account', () => open({ merchant_account: 'Other' }), '901'],
    ['a country that is none', () => open({ return_url: '' }), '702'],
  ])('with %s fails, and nothing is booked', async (what, from, code) => {
    const key = `fail-${code}`;
    expect(await from().charge(aRequest(key), testCard(), keepNothing)).toEqual({ kind: 'failed', code });
    expect([what, booked(key)]).toEqual([what, []]);
  });
});

describe('a payment whose answer is lost', () => {
  it.each(['drop_after', 'reset', 'half_body', '500_after_commit'] as const)(
    '(%s) is said again with the same key while the card is here: the first answer, one payment',
    async (fault) => {
      simulator.plan({ next: [fault] });
      const key = `lost-${fault}`;
      expect(await gateway.charge(aRequest(key), testCard(), keepNothing)).toMatchObject({ kind: 'unknown' });
      const { replays } = simulator.ledger();
      expect(await gateway.charge(aRequest(key), testCard(), keepNothing)).toMatchObject({
        kind: 'approved',
      });
      expect(simulator.ledger().replays).toBe(replays + 1);
      expect(booked(key)).toHaveLength(1);
    },
  );

  it('(drop_before) is made by the second try, once', async () => {
    simulator.plan({ next: ['drop_before'] });
    expect(await gateway.charge(aRequest('dropped'), testCard(), keepNothing)).toMatchObject({
      kind: 'unknown',
    });
    expect(booked('dropped')).toEqual([]);
    expect(await gateway.charge(aRequest('dropped'), testCard(), keepNothing)).toMatchObject({
      kind: 'approved',
    });
    expect(booked('dropped')).toHaveLength(1);
  });

  it('(delay) has its answer late', async () => {
    simulator.plan({ next: ['delay:200'] });
    expect(await gateway.charge(aRequest('late'), testCard(), keepNothing)).toMatchObject({
      kind: 'approved',
    });
  });

  it('has the answer "in progress" for the same key with another card: not known, and no second payment', async () => {
    await approved('changed', 'charge');
    expect(await gateway.charge(aRequest('changed'), testCard('123'), keepNothing)).toEqual({
      ...{ kind: 'unknown', code: 'gateway_in_progress' },
    });
    expect(booked('changed')).toHaveLength(1);
  });

  it('is undone by our reference when the card is gone; a notice tells that no money has moved', async () => {
    simulator.plan({ next: ['drop_after'] });
    await gateway.charge(aRequest('undo-1'), testCard(), keepNothing);
    expect(await gateway.cancel?.(aTrace('undo-1'), 'undo-1-c')).toMatchObject({ kind: 'pending' });
    expect(booked('undo-1')).toMatchObject([{ status: 'voided' }]);
    expect(await told('undo-1')).toContainEqual({
      ...{ of: 'cancel', key: null },
      outcome: { kind: 'done', gatewayId: expect.any(String) },
    });
  });

  it.each([
    ['was never made', 'never-1'],
    ['is settled already', 'pay-1'],
  ])('and that %s cannot be undone by our reference', async (_what, key) => {
    expect(await gateway.cancel?.(aTrace(key), `${key}-c`)).toMatchObject({ kind: 'pending' });
    expect(await told(key)).toContainEqual({
      ...{ of: 'cancel', key: null },
      outcome: { kind: 'refused', code: 'gateway_refused_request' },
    });
  });

  it('where nobody listens was not sent', async () => {
    const nobody = open({}, { url: 'http://127.0.0.1:1' });
    expect(await nobody.charge(aRequest('nobody'), testCard(), keepNothing)).toEqual({
      ...{ kind: 'not_sent', code: 'gateway_unreachable' },
    });
  });
});

describe('a later step', () => {
  const step = (
    kind: 'settle' | 'void' | 'refund',
    type: 'charge' | 'authorize',
    of: string,
    gatewayId: string,
    amount = 4_999,
  ) =>
    gateway.followUp?.({
      kind,
      key: `${of}-${kind}-${amount}`,
      charge: aTrace(of, { type }),
      gatewayId,
      amount,
    });

  it.each([4_999, 2_000])('settles %d of what was authorised, and a notice tells', async (amount) => {
    const of = `settle-${amount}`;
    const id = await approved(of, 'authorize');
    expect(await step('settle', 'authorize', of, id, amount)).toMatchObject({ kind: 'pending' });
    expect(booked(of)).toMatchObject([{ status: 'settled', settled: amount }]);
    expect(await told(id)).toMatchObject([
      { of: 'settle', key: `${of}-settle-${amount}`, outcome: { kind: 'done' } },
    ]);
  });

  it.each(['authorize', 'charge'] as const)('voids an intent to %s', async (type) => {
    const of = `void-${type}`;
    const id = await approved(of, type);
    expect(await step('void', type, of, id)).toMatchObject({ kind: 'pending' });
    expect(booked(of)).toMatchObject([{ status: 'voided' }]);
    expect(await told(id)).toMatchObject([{ of: 'void', outcome: { kind: 'done' } }]);
  });

  it('gives a settled charge back: in parts, but never more than it was', async () => {
    const id = await approved('refund-1', 'charge');
    simulator.captureDue();
    for (const amount of [2_000, 2_999, 1]) await step('refund', 'charge', 'refund-1', id, amount);
    expect(booked('refund-1')).toMatchObject([{ status: 'refunded', settled: 4_999, refunded: 4_999 }]);
    expect((await told(id)).map(({ outcome }) => outcome.kind)).toEqual(['done', 'done', 'refused']);
  });

  it('undoes a charge that is settled by now', async () => {
    const id = await approved('undo-2', 'charge');
    simulator.captureDue();
    await step('void', 'charge', 'undo-2', id);
    expect(booked('undo-2')).toMatchObject([{ status: 'refunded', refunded: 4_999 }]);
  });

  it.each(['drop_after', 'reset', 'half_body', '500_after_commit', 'drop_before'] as const)(
    'whose answer is lost (%s) is said again and done once',
    async (fault) => {
      const of = `twice-${fault}`;
      const id = await approved(of, 'charge');
      simulator.captureDue();
      simulator.plan({ next: [fault] });
      expect(await step('refund', 'charge', of, id, 1_000)).toMatchObject({ kind: 'unknown' });
      expect(await step('refund', 'charge', of, id, 1_000)).toMatchObject({ kind: 'pending' });
      expect(booked(of)).toMatchObject([{ refunded: 1_000 }]);
    },
  );

  it('of a payment that Adyen does not know is refused', async () => {
    expect(await step('refund', 'charge', 'none', 'QFQTPCQ8HXSKGK82')).toEqual({
      kind: 'refused',
      code: '167',
    });
  });
});

describe('a notice', () => {
  it('that comes twice has one id, and so tells nothing new', async () => {
    simulator.plan({ notices: ['duplicate'] });
    await approved('twice', 'charge');
    await simulator.notices.idle();
    const items = heard.flatMap((verdict) => (verdict.kind === 'read' ? verdict.items : []));
    const ids = items.filter(({ about }) => 'key' in about && about.key === 'twice').map(({ id }) => id);
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
  });

  it('that comes late is as good', async () => {
    simulator.plan({ notices: ['late:50'] });
    await approved('late-notice', 'charge');
    expect(await told('late-notice')).toMatchObject([{ of: 'charge', outcome: { kind: 'approved' } }]);
  });

  it('of a stranger is refused', () => {
    const body = bytes(
      JSON.stringify({ live: 'false', notificationItems: [{ NotificationRequestItem: {} }] }),
    );
    expect(gateway.notices?.({ headers: {}, body, nowMs: Date.now() })).toMatchObject({ kind: 'refused' });
  });

  it('is not taken at all without its key', () => {
    expect(heard.filter(({ kind }) => kind === 'refused')).toEqual([]);
    const kind = GATEWAY_KINDS.find(({ type }) => type === 'adyen');
    const secrets = { api_key: bytes(apiKey) };
    const settings = { merchant_account: merchantAccount };
    expect(
      kind?.create({ url: simulator.url, livemode: false, settings, secrets, ways: WAYS }).notices,
    ).toBeUndefined();
  });
});
