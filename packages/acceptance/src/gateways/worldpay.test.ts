import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type ChargeTrace,
  type FollowUpKind,
  GATEWAY_KINDS,
  type Gateway,
  type NoticeItem,
  type NoticeVerdict,
} from '@sordino/payments';
import {
  type MoneyEntry,
  startWorldpaySimulator,
  WORLDPAY_TEST_CARD,
  type WorldpaySimulator,
} from '@sordino/testkit';
import { aCard, aRequest, aTrace, keepNothing, WAYS } from './support.ts';

/** The Worldpay Access connector against a simulated one over real sockets, its events included. There is no official library to compare with. */
const account = { username: 'aBc1dEf2', password: 'pässword', entity: 'default' };
const eventSecret = 'a shared secret';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let simulator: WorldpaySimulator;
let gateway: Gateway;
let receiver: Server;
const heard: NoticeVerdict[] = [];

function open(
  settings: Record<string, string> = {},
  change: { url?: string; password?: string } = {},
): Gateway {
  const kind = GATEWAY_KINDS.find(({ type }) => type === 'worldpay_access');
  if (kind === undefined) throw new Error('there is no such kind of gateway');
  const { username, entity } = account;
  return kind.create({
    ...{ url: change.url ?? simulator.url, livemode: false, ways: WAYS },
    settings: { username, entity, narrative: 'SORDINO LTD', ...settings },
    secrets: { password: bytes(change.password ?? account.password), event_secret: bytes(eventSecret) },
  });
}

async function aReceiver(): Promise<Server> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = request.headers as Record<string, string>;
    const verdict = gateway.notices?.({ headers, body: Buffer.concat(chunks), nowMs: Date.now() });
    if (verdict !== undefined) heard.push(verdict);
    response.writeHead(verdict?.kind === 'read' ? 200 : 400).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

beforeAll(async () => {
  simulator = await startWorldpaySimulator({ ...account, eventSecret });
  gateway = open();
  receiver = await aReceiver();
  simulator.notices.sendTo(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
});
afterAll(async () => {
  await simulator.close();
  receiver.close();
});

const testCard = (number: string = WORLDPAY_TEST_CARD.number, expiry: string = WORLDPAY_TEST_CARD.expiry) =>
  aCard(number, WORLDPAY_TEST_CARD.cvc, '', expiry);
const booked = (reference: string): readonly MoneyEntry[] =>
  simulator.ledger().entries.filter((entry) => entry.reference === reference);
const items = (): NoticeItem[] => heard.flatMap((verdict) => (verdict.kind === 'read' ? verdict.items : []));

/** What the events that came by now say of a charge. */
async function told(key: string): Promise<NoticeItem['tells'][]> {
  await simulator.notices.idle();
  return items()
    .filter(({ about }) => 'key' in about && about.key === key)
    .map(({ tells }) => tells);
}

/** An approved charge, as the session service remembers it. */
async function approved(key: string, type: 'charge' | 'authorize'): Promise<ChargeTrace> {
  let memo: string | null = null;
  const outcome = await gateway.charge(aRequest(key, { type }), testCard(), async (kept) => {
    memo = kept;
  });
  expect(outcome).toMatchObject({ kind: 'approved', gatewayId: key });
  return aTrace(key, { type, memo });
}

const step = (kind: FollowUpKind, charge: ChargeTrace, amount = 4_999) =>
  gateway.followUp?.({ kind, key: `${charge.key}-${kind}`, charge, gatewayId: charge.key, amount });

describe('a payment', () => {
  it.each([
    ['charge', 'settled'],
    ['authorize', 'approved'],
  ] as const)('to %s is approved, booked once, and told again by an event', async (type, status) => {
    const outcome = await gateway.charge(aRequest(`ok-${type}`, { type }), testCard(), keepNothing);
    const authCode = expect.stringMatching(/^[A-Z2-9]{6}$/);
    expect(outcome).toEqual({ kind: 'approved', authCode, token: null, gatewayId: `ok-${type}` });
    expect(booked(`ok-${type}`)).toMatchObject([{ kind: type, amount: 4_999, currency: 'gbp', status }]);
    expect(await told(`ok-${type}`)).toMatchObject([{ of: 'charge', outcome: { kind: 'approved' } }]);
  });

  it.each([
    ['51', 'insufficient_funds', 'funds'],
    ['5', 'generic_decline', 'do_not_honour'],
    ['33', 'expired_card', 'expired'],
    ['43', 'generic_decline', 'lost_stolen'],
    ['55', 'incorrect_cvc', 'bad_cvv'],
  ])('is refused with code %s as its test name asks', async (raw, declineCode, category) => {
    const refusing = open({ test_holder_name: `REFUSED${raw}` });
    const outcome = await refusing.charge(aRequest(`refused-${raw}`), testCard(), keepNothing);
    expect(outcome).toMatchObject({ kind: 'declined', declineCode, advice: { category, raw } });
    expect(booked(`refused-${raw}`)).toMatchObject([{ status: 'declined' }]);
    expect(await gateway.query(aTrace(`refused-${raw}`))).toMatchObject({ kind: 'declined' });
    expect(await told(`refused-${raw}`)).toMatchObject([{ of: 'charge', outcome: { kind: 'declined' } }]);
  });

  it.each([
    ['an expired card', testCard(undefined, '0124'), { category: 'expired', raw: '33' }],
    [
      'a number that is no test card',
      testCard('4242424242424242'),
      { category: 'bad_number', retry: 'fix_field' },
    ],
  ])('with %s is declined', async (_what, card, advice) => {
    expect(await gateway.charge(aRequest(`no-${advice.category}`), card, keepNothing)).toMatchObject({
      ...{ kind: 'declined', advice },
    });
  });

  it('takes a postal code where a country is configured, and a card without its code', async () => {
    const card = aCard(WORLDPAY_TEST_CARD.number, '', '94107', WORLDPAY_TEST_CARD.expiry);
    const american = open({ billing_country: 'US' });
    expect(await american.charge(aRequest('avs'), card, keepNothing)).toMatchObject({ kind: 'approved' });
  });

  it.each([
    ['another password', () => open({}, { password: 'wrong' }), 'accessDenied'],
    ['another entity', () => open({ entity: 'other' }), 'entityIsNotConfigured'],
  ])('with %s fails, and nothing is booked', async (_what, from, code) => {
    expect(await from().charge(aRequest(code), testCard(), keepNothing)).toEqual({ kind: 'failed', code });
    expect(booked(code)).toEqual([]);
  });
});

describe('a payment whose answer is lost', () => {
  it.each(['drop_after', 'reset', 'half_body', '500_after_commit'] as const)(
    '(%s) is found by our reference, and was made once',
    async (fault) => {
      simulator.plan({ next: [fault] });
      const key = `lost-${fault}`;
      expect(await gateway.charge(aRequest(key), testCard(), keepNothing)).toMatchObject({ kind: 'unknown' });
      expect(await gateway.query(aTrace(key))).toMatchObject({ kind: 'approved', gatewayId: key });
      expect(booked(key)).toHaveLength(1);
    },
  );

  it('(drop_before) was never made', async () => {
    simulator.plan({ next: ['drop_before'] });
    expect(await gateway.charge(aRequest('dropped'), testCard(), keepNothing)).toMatchObject({
      kind: 'unknown',
    });
    expect(await gateway.query(aTrace('dropped'))).toEqual({ kind: 'not_found' });
    expect(booked('dropped')).toEqual([]);
  });

  it('(delay) has its answer late', async () => {
    simulator.plan({ next: ['delay:200'] });
    expect(await gateway.charge(aRequest('late'), testCard(), keepNothing)).toMatchObject({
      kind: 'approved',
    });
  });

  it('may be unheard of for as long as the look-up lags; its event is quicker', async () => {
    simulator.lag(true);
    simulator.plan({ next: ['drop_after'] });
    await gateway.charge(aRequest('lagging'), testCard(), keepNothing);
    expect(await gateway.query(aTrace('lagging'))).toEqual({ kind: 'not_found' });
    expect(await told('lagging')).toMatchObject([{ of: 'charge', outcome: { kind: 'approved' } }]);
    simulator.lag(false);
    expect(await gateway.query(aTrace('lagging'))).toMatchObject({ kind: 'approved' });
  });

  it.each(['drop_before', 'drop_after', '500_after_commit', 'half_body'] as const)(
    'whose look-up fails (%s) stays unknown until the next one',
    async (fault) => {
      simulator.plan({ next: ['reset'], lookups: [fault] });
      const key = `ask-${fault}`;
      await gateway.charge(aRequest(key), testCard(), keepNothing);
      expect(await gateway.query(aTrace(key))).toMatchObject({ kind: 'unknown' });
      expect(await gateway.query(aTrace(key))).toMatchObject({ kind: 'approved' });
    },
  );

  it('must never be said again: the same payment said twice is two', async () => {
    expect(gateway.capabilities.replay).toBe(false);
    for (let times = 0; times < 2; times += 1)
      await gateway.charge(aRequest('twice'), testCard(), keepNothing);
    expect(booked('twice')).toHaveLength(2);
  });

  it('where nobody listens was not sent', async () => {
    const nobody = open({}, { url: 'http://127.0.0.1:1' });
    expect(await nobody.charge(aRequest('nobody'), testCard(), keepNothing)).toEqual({
      ...{ kind: 'not_sent', code: 'gateway_unreachable' },
    });
  });
});

describe('a later step', () => {
  it('settles what was authorised', async () => {
    const charge = await approved('settle-1', 'authorize');
    expect(await step('settle', charge)).toMatchObject({ kind: 'done' });
    expect(booked('settle-1')).toMatchObject([{ status: 'settled', settled: 4_999 }]);
  });

  it('cancels what was authorised, and an event tells', async () => {
    const charge = await approved('void-1', 'authorize');
    expect(await step('void', charge)).toMatchObject({ kind: 'pending' });
    expect(booked('void-1')).toMatchObject([{ status: 'voided' }]);
    expect(await told('void-1')).toContainEqual({
      of: 'void',
      key: null,
      outcome: { kind: 'done', gatewayId: 'void-1' },
    });
  });

  it('gives a charge back instead of cancelling it', async () => {
    const charge = await approved('void-2', 'charge');
    expect(await step('void', charge)).toMatchObject({ kind: 'done' });
    expect(booked('void-2')).toMatchObject([{ status: 'refunded', refunded: 4_999 }]);
  });

  it('refunds a settled charge as a whole, and an event tells', async () => {
    const charge = await approved('refund-1', 'charge');
    simulator.settleDue();
    expect(await step('refund', charge, 1)).toEqual({ kind: 'refused', code: 'parts_not_supported' });
    expect(await step('refund', charge)).toMatchObject({ kind: 'pending' });
    expect(booked('refund-1')).toMatchObject([{ status: 'refunded', refunded: 4_999 }]);
    expect(await told('refund-1')).toContainEqual({
      of: 'refund',
      key: null,
      outcome: { kind: 'done', gatewayId: 'refund-1' },
    });
  });

  it.each(['drop_after', 'reset', 'half_body', '500_after_commit', 'drop_before'] as const)(
    'whose answer is lost (%s) is looked for first and done once',
    async (fault) => {
      const charge = await approved(`again-${fault}`, 'charge');
      simulator.plan({ next: [fault] });
      expect(await step('refund', charge)).toMatchObject({ kind: 'unknown' });
      const again = await step('refund', charge);
      expect(again?.kind).toBe(fault === 'drop_before' ? 'pending' : 'done');
      expect(booked(charge.key)).toMatchObject([{ refunded: 4_999 }]);
    },
  );

  it('whose answer is lost is not known as long as the look-up lags, and is never done twice', async () => {
    const charge = await approved('lag-2', 'charge');
    simulator.lag(true);
    simulator.plan({ next: ['drop_after'] });
    expect(await step('refund', charge)).toMatchObject({ kind: 'unknown' });
    expect(await step('refund', charge)).toEqual({ kind: 'unknown', code: 'operationNotAllowed' });
    simulator.lag(false);
    expect(await step('refund', charge)).toMatchObject({ kind: 'done' });
    expect(booked('lag-2')).toMatchObject([{ refunded: 4_999 }]);
  });

  it('of a payment that cannot be looked for yet was not sent', async () => {
    simulator.lag(true);
    const charge = await approved('lag-3', 'authorize');
    expect(await step('void', charge)).toEqual({ kind: 'not_sent', code: 'gateway_lags' });
    simulator.lag(false);
    expect(await step('void', charge)).toMatchObject({ kind: 'pending' });
  });
});

it('an event that comes twice has one id, one that comes late is as good, and none was refused', async () => {
  simulator.plan({ notices: ['duplicate', 'late:50'] });
  await approved('events', 'charge');
  await approved('late-event', 'charge');
  await simulator.notices.idle();
  const of = (key: string) => items().filter(({ about }) => 'key' in about && about.key === key);
  expect([of('events').length, new Set(of('events').map(({ id }) => id)).size]).toEqual([2, 1]);
  expect(of('late-event')).toHaveLength(1);
  expect(heard.filter(({ kind }) => kind === 'refused')).toEqual([]);
});
