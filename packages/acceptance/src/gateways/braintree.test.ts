import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GATEWAY_KINDS, type Gateway, type GatewayWays } from '@sordino/payments';
import { type BraintreeSimulator, startBraintreeSimulator } from '@sordino/testkit';
import { type CapturedRequest, startCaptureServer } from './capture-server.ts';
import { aCard, aRequest, aTrace, keepNothing, WAYS } from './support.ts';

/** The connector against a simulated account, over real sockets: what the ledger says is what was charged. */
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const VISA = '4111111111111111';
let simulator: BraintreeSimulator;
let gateway: Gateway;

function open(
  url: string,
  {
    key = 'private',
    currency = 'gbp',
    ...ways
  }: { key?: string; currency?: string } & Partial<GatewayWays> = {},
): Gateway {
  const kind = GATEWAY_KINDS.find(({ type }) => type === 'braintree');
  if (kind === undefined) throw new Error('braintree is not registered');
  return kind.create({
    ...{ url, livemode: false, secrets: { private_key: bytes(key) } },
    settings: { merchant_id: 'merchant', public_key: 'public', currency },
    ways: { ...WAYS, ...ways },
  });
}

beforeAll(async () => {
  simulator = await startBraintreeSimulator();
  gateway = open(simulator.url);
});
afterAll(() => simulator.close());

const booked = (reference: string) =>
  simulator.report().entries.filter((entry) => entry.reference === reference);

async function approvedId(key: string, type: 'charge' | 'authorize' = 'charge'): Promise<string> {
  const outcome = await gateway.charge(aRequest(key, { type }), aCard(), keepNothing);
  if (outcome.kind !== 'approved' || !outcome.gatewayId) throw new Error(`not approved: ${outcome.kind}`);
  return outcome.gatewayId;
}
const step = (kind: 'settle' | 'void' | 'refund', of: string, gatewayId: string, amount = 4_999, key = '') =>
  gateway.followUp?.({ kind, key: key || `${kind}-${of}`, charge: aTrace(of), gatewayId, amount });

const APPROVED = {
  ...{ kind: 'approved', authCode: expect.stringMatching(/^\d{6}$/), token: null },
  gatewayId: expect.stringMatching(/^[a-z0-9]{8}$/),
};

describe('Braintree', () => {
  it.each(['charge', 'authorize'] as const)('%s: approved, with the right amount', async (type) => {
    const key = `chg_0123456789abcdefghjk_${type}`;
    expect(await gateway.charge(aRequest(key, { type }), aCard(VISA), keepNothing)).toEqual(APPROVED);
    expect(booked(key)).toMatchObject([{ kind: type, amount: 4_999, currency: 'gbp', status: 'approved' }]);
  });

  it('saves a card, once', async () => {
    const request = aRequest('save', { type: 'tokenize', amount: 0 });
    const first = await gateway.charge(request, aCard(), keepNothing);
    expect(first).toMatchObject({ kind: 'approved', token: expect.stringMatching(/^[a-z0-9]{8}$/) });
    expect(await gateway.charge(request, aCard(), keepNothing)).toEqual(first);
    expect(await gateway.query(aTrace('save', { type: 'tokenize' }))).toEqual(first);
    expect(booked('save')).toHaveLength(1);
    expect(await gateway.query(aTrace('unsaved', { type: 'tokenize' }))).toEqual({ kind: 'not_found' });
  });

  it.each([
    ['by the bank', aCard('4000111111111115'), 'do_not_honour', '2000'],
    ['by a rule', aCard(VISA, '200'), 'bad_cvv', 'cvv'],
    ['that is none', aCard('4000056655665556'), 'bad_number', '81715'],
  ])('does not save a card that is refused (%s)', async (name, card, category, raw) => {
    const request = aRequest(`save-${name.replaceAll(' ', '-')}`, { type: 'tokenize', amount: 0 });
    expect(await gateway.charge(request, card, keepNothing)).toMatchObject({
      kind: 'declined',
      advice: { category, raw },
    });
    expect(booked(request.key)).toEqual([]);
  });

  it.each([
    ['funds', 200_100, aCard(VISA), 'insufficient_funds', 'funds', 'same_card_later', '2001'],
    ['cvv-bank', 201_000, aCard(VISA), 'incorrect_cvc', 'bad_cvv', 'fix_field', '2010'],
    ['stolen', 201_300, aCard(VISA), 'generic_decline', 'lost_stolen', 'never', '2013'],
    ['soft', 204_600, aCard(VISA), 'generic_decline', 'do_not_honour', 'same_card_later', '2046'],
    ['hard', 204_400, aCard(VISA), 'generic_decline', 'do_not_honour', 'other_card', '2044'],
    ['down', 300_000, aCard(VISA), 'generic_decline', 'issuer_down', 'same_card_later', '3000'],
    ['rule', 500_100, aCard(VISA), 'generic_decline', 'config', 'never', 'application_incomplete'],
    ['cvv', 1_000, aCard(VISA, '200'), 'incorrect_cvc', 'bad_cvv', 'fix_field', 'cvv'],
    ['avs', 1_000, aCard(VISA, '123', '20000'), 'generic_decline', 'avs', 'fix_field', 'avs'],
    ['old', 1_000, aCard(VISA, '123', '', '0120'), 'expired_card', 'expired', 'fix_field', '2004'],
    ['number', 1_000, aCard('4000056655665556'), 'generic_decline', 'bad_number', 'fix_field', '81715'],
  ])('declines (%s), and says why', async (name, amount, card, declineCode, category, retry, raw) => {
    const key = `no-${name}`;
    const outcome = await gateway.charge(aRequest(key, { amount }), card, keepNothing);
    expect(outcome).toEqual({ kind: 'declined', declineCode, advice: { category, retry, raw } });
    if (booked(key).length > 0) expect(await gateway.query(aTrace(key))).toEqual(outcome);
    expect(booked(key).filter(({ status }) => status !== 'declined')).toEqual([]);
  });

  it.each(['drop_after', 'reset', 'half_body', '500_after_commit'] as const)(
    'whose answer is lost (%s) is found by its order id, and was made once',
    async (fault) => {
      simulator.plan({ next: [fault] });
      expect(await gateway.charge(aRequest(fault), aCard(), keepNothing)).toMatchObject({ kind: 'unknown' });
      expect(await gateway.query(aTrace(fault))).toEqual(APPROVED);
      expect(booked(fault)).toHaveLength(1);
    },
  );

  it('that is slow is waited for', async () => {
    simulator.plan({ next: ['delay:300'] });
    expect(await gateway.charge(aRequest('slow'), aCard(), keepNothing)).toEqual(APPROVED);
    expect(booked('slow')).toHaveLength(1);
  });

  it('that never arrived is not found, and a search that fails proves nothing', async () => {
    simulator.plan({ next: ['drop_before'], lookups: ['500_after_commit'] });
    expect(await gateway.charge(aRequest('dropped'), aCard(), keepNothing)).toMatchObject({
      kind: 'unknown',
    });
    expect(await gateway.query(aTrace('dropped'))).toEqual({ kind: 'unknown', code: 'query_failed' });
    expect(await gateway.query(aTrace('dropped'))).toEqual({ kind: 'not_found' });
    expect(booked('dropped')).toEqual([]);
  });

  it('said twice is rejected as a duplicate, and the first one is the answer', async () => {
    const first = await gateway.charge(aRequest('twice'), aCard(), keepNothing);
    expect(await gateway.charge(aRequest('twice'), aCard(), keepNothing)).toEqual(first);
    expect(await gateway.query(aTrace('twice'))).toEqual(first);
    expect(booked('twice')).toHaveLength(1);
    expect(simulator.report().replays).toBe(1);
  });

  it('said again half a minute later is charged again: so nothing is ever said again', async () => {
    let now = Date.now();
    await using later = await startBraintreeSimulator({ nowMs: () => now });
    const twice = open(later.url);
    const first = await twice.charge(aRequest('late'), aCard(), keepNothing);
    now += 31_000;
    expect(await twice.charge(aRequest('late'), aCard(), keepNothing)).not.toEqual(first);
    expect(later.report().entries).toMatchObject([{ status: 'approved' }, { status: 'approved' }]);
    expect(twice.capabilities.replay).toBe(false);
  });

  it('is never made in the currency of another merchant account', async () => {
    const dollars = aRequest('dollars', { currency: 'usd' });
    expect(await gateway.charge(dollars, aCard(), keepNothing)).toEqual({
      kind: 'failed',
      code: 'currency_of_another_account',
    });
    expect(booked('dollars')).toEqual([]);
    const wrong = open(simulator.url, { currency: 'usd' });
    expect(await wrong.charge(dollars, aCard(), keepNothing)).toEqual({
      kind: 'unknown',
      code: 'charged_in_another_currency',
    });
  });

  it('with other credentials fails, and nothing is charged', async () => {
    const stranger = open(simulator.url, { key: 'other' });
    expect(await stranger.charge(aRequest('stranger'), aCard(), keepNothing)).toEqual({
      kind: 'failed',
      code: 'gateway_status_401',
    });
    expect(booked('stranger')).toEqual([]);
  });

  it('where nobody listens was not sent', async () => {
    expect(await open('http://127.0.0.1:1').charge(aRequest('nobody'), aCard(), keepNothing)).toEqual({
      kind: 'not_sent',
      code: 'gateway_unreachable',
    });
  });

  it('leaves nothing of the card in its buffers', async () => {
    const buffers: Uint8Array[] = [];
    const cardMemory = (byteCount: number): Uint8Array => {
      const buffer = new Uint8Array(byteCount);
      buffers.push(buffer);
      return buffer;
    };
    await open(simulator.url, { cardMemory }).charge(aRequest('wiped'), aCard(), keepNothing);
    expect(buffers.map((buffer) => buffer.length >= 256 && buffer.every((byte) => byte === 0))).toEqual([
      true,
    ]);
  });
});

describe('a notice of Braintree', () => {
  const read = ({ body }: CapturedRequest, nowMs = Date.now()) =>
    gateway.notices?.({ headers: {}, body: bytes(body), nowMs });

  it('tells that the money of a charge has come', async () => {
    await using receiver = await startCaptureServer();
    simulator.settleBatch();
    simulator.notices.sendTo(receiver.url);
    const gatewayId = await approvedId('disbursed');
    simulator.plan({ notices: ['duplicate'] });
    simulator.settleBatch();
    await simulator.notices.idle();
    const [once, again] = [receiver.take(), receiver.take()];
    expect(read(once)).toMatchObject({
      kind: 'read',
      items: [
        {
          id: expect.stringMatching(/^transaction_disbursed_/),
          about: { key: 'disbursed' },
          tells: { of: 'charge', outcome: { kind: 'approved', gatewayId } },
        },
      ],
    });
    expect(read(again)).toEqual(read(once));
    const forged = { ...once, body: once.body.replace('bt_payload=P', 'bt_payload=Q') };
    expect(read(forged)).toEqual({ kind: 'refused', code: 'bad_signature' });
    expect(read(once, Date.now() + 26 * 3_600_000)).toEqual({ kind: 'refused', code: 'too_old' });
  });
});

describe('a step after a charge at Braintree', () => {
  it('settles what was authorised, less if it must be, and only once', async () => {
    const id = await approvedId('settle', 'authorize');
    const done = { kind: 'done', gatewayId: id };
    simulator.plan({ next: ['drop_after'] });
    expect(await step('settle', 'settle', id, 3_000)).toMatchObject({ kind: 'unknown' });
    expect(await step('settle', 'settle', id, 3_000)).toEqual(done);
    expect(await step('settle', 'settle', id, 4_999)).toEqual({ kind: 'refused', code: 'already_settled' });
    expect(booked('settle')).toMatchObject([{ status: 'settled', settled: 3_000 }]);
  });

  it('settles no more than was authorised', async () => {
    const id = await approvedId('too-much', 'authorize');
    expect(await step('settle', 'too-much', id, 5_000)).toEqual({
      kind: 'refused',
      code: 'validation_91522',
    });
  });

  it('voids, also when its answer was lost', async () => {
    const id = await approvedId('void');
    simulator.plan({ next: ['reset'] });
    expect(await step('void', 'void', id)).toMatchObject({ kind: 'unknown' });
    expect(await step('void', 'void', id)).toEqual({ kind: 'done', gatewayId: id });
    expect(booked('void')).toMatchObject([{ status: 'voided' }]);
    expect(await gateway.query(aTrace('void'))).toEqual({ kind: 'failed', code: 'charge_voided' });
  });

  it('refunds what is settled, in parts, and the same part once', async () => {
    const id = await approvedId('refund');
    expect(await step('refund', 'refund', id)).toEqual({ kind: 'refused', code: 'not_settled_yet' });
    simulator.settleBatch();
    expect(await step('void', 'refund', id)).toEqual({ kind: 'refused', code: 'already_settled' });
    simulator.plan({ next: ['500_after_commit'] });
    expect(await step('refund', 'refund', id, 1_000, 'part-1')).toMatchObject({ kind: 'unknown' });
    expect(await step('refund', 'refund', id, 1_000, 'part-1')).toMatchObject({ kind: 'done' });
    expect(await step('refund', 'refund', id, 3_999, 'part-2')).toMatchObject({ kind: 'done' });
    expect(await step('refund', 'refund', id, 1, 'part-3')).toEqual({
      kind: 'refused',
      code: 'validation_91521',
    });
    expect(booked('refund')).toMatchObject([{ status: 'refunded', refunded: 4_999 }]);
  });

  it('of a charge that is not there is not done', async () => {
    expect(await step('void', 'none', 'aaaaaaaa')).toEqual({ kind: 'unknown', code: 'look_up_failed' });
  });
});
