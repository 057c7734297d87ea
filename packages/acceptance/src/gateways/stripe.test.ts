import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChargeRequest, GATEWAY_KINDS, type Gateway, type GatewayWays } from '@sordino/payments';
import { type StripeSimulator, startStripeSimulator } from '@sordino/testkit';
import { aCard, aRequest, aTrace, gatewaySpec, WAYS } from './support.ts';

/** Where Stripe's own description is at hand, the simulator holds both sides against it too. */
const description = gatewaySpec('stripe/payments-2023-08-16.json');

const KEY = `sk_${'test'}_${randomBytes(12).toString('hex')}`;
const bytes = (text: string) => new TextEncoder().encode(text);
const HOUR_MS = 3_600_000;

let simulator: StripeSimulator;
let gateway: Gateway;
/** Of both sides: hours later is a number here. */
let aheadMs = 0;
const nowMs = () => Date.now() + aheadMs;

function open(url: string, key = KEY, ways: Partial<GatewayWays> = {}): Gateway {
  const kind = GATEWAY_KINDS.find(({ type }) => type === 'stripe');
  if (kind === undefined) throw new Error('stripe is not listed');
  return kind.create({
    ...{ url, livemode: false, settings: {}, secrets: { secret_key: bytes(key) } },
    ways: { ...WAYS, clock: { ...WAYS.clock, wallMs: nowMs }, ...ways },
  });
}

beforeAll(async () => {
  simulator = await startStripeSimulator({ secretKey: KEY, nowMs, ...(description && { description }) });
  gateway = open(simulator.url);
});
beforeEach(() => {
  aheadMs = 0;
  simulator.plan({});
});
afterAll(() => simulator.close());

const booked = (key: string) => simulator.ledger().entries.filter(({ reference }) => reference === key);

/** Charges, and returns what would be left of the charge when the card is wiped. */
async function charge(key: string, change: Partial<ChargeRequest> = {}, card = aCard()) {
  let memo: string | null = null;
  const outcome = await gateway.charge(aRequest(key, change), card, async (kept) => {
    memo = kept;
  });
  return { outcome, trace: aTrace(key, { ...change, memo, created: nowMs() }) };
}

describe('a charge at Stripe', () => {
  it('is approved, with authorisation code and id', async () => {
    const { outcome, trace } = await charge('chg_ok');
    expect(outcome).toEqual({
      kind: 'approved',
      authCode: expect.stringMatching(/^[A-Z2-9]{6}$/),
      token: null,
      gatewayId: expect.stringMatching(/^pi_/),
    });
    expect(trace.memo).toMatch(/^pm_/);
    expect(booked('chg_ok')).toMatchObject([
      { kind: 'charge', amount: 4_999, currency: 'gbp', status: 'approved' },
    ]);
    expect(await gateway.query(trace)).toEqual(outcome);
  });

  it('takes what a caller may have typed: January, four digits of security code, a post code, no reference', async () => {
    const amex = aCard('378282246310005', '1234', '90210', '0131');
    expect((await charge('chg_amex', { reference: null }, amex)).outcome).toMatchObject({ kind: 'approved' });
    expect((await charge('chg_text', { reference: 'a&b=c [é] + "' })).outcome).toMatchObject({
      kind: 'approved',
    });
  });

  it('may only hold the money', async () => {
    expect((await charge('chg_hold', { type: 'authorize' })).outcome).toMatchObject({ kind: 'approved' });
    expect(booked('chg_hold')).toMatchObject([{ kind: 'authorize', settled: 0 }]);
  });

  it('may only save the card', async () => {
    const { outcome, trace } = await charge('chg_save', { type: 'tokenize' });
    expect(outcome).toMatchObject({ kind: 'approved', token: expect.stringMatching(/^pm_/), authCode: null });
    expect(booked('chg_save')).toMatchObject([{ kind: 'tokenize', amount: null }]);
    expect(await gateway.query(trace)).toEqual(outcome);
  });

  it.each([
    ['4000000000000002', 'generic_decline', 'do_not_honour', 'other_card', 'generic_decline'],
    ['4000000000009995', 'insufficient_funds', 'funds', 'same_card_later', 'insufficient_funds'],
    ['4000000000009987', 'generic_decline', 'lost_stolen', 'other_card', 'lost_card'],
    ['4000000000009979', 'generic_decline', 'lost_stolen', 'other_card', 'stolen_card'],
    ['4000000000006975', 'generic_decline', 'limit', 'same_card_later', 'card_velocity_exceeded'],
    ['4100000000000019', 'generic_decline', 'fraud_block', 'other_card', 'fraudulent'],
    ['4000000000000069', 'expired_card', 'expired', 'fix_field', 'expired_card'],
    ['4000000000000127', 'incorrect_cvc', 'bad_cvv', 'fix_field', 'incorrect_cvc'],
    ['4000000000000119', 'generic_decline', 'issuer_down', 'same_card_later', 'processing_error'],
  ])('of %s is declined: %s, %s, %s', async (number, declineCode, category, retry, raw) => {
    const declined = { kind: 'declined', declineCode, advice: { category, retry, raw } };
    const { outcome, trace } = await charge(`chg_${number.slice(-4)}`, {}, aCard(number));
    expect(outcome).toEqual(declined);
    expect(await gateway.query(trace)).toEqual(declined);
    aheadMs = 30 * HOUR_MS;
    expect(await gateway.query(trace)).toEqual(declined);
  });

  it.each([
    ['a wrong number', aCard('4242424242424241'), 'generic_decline', 'bad_number', 'fix_field'],
    ['a month that is over', aCard(undefined, '123', '', '0120'), 'expired_card', 'expired', 'fix_field'],
    ['half a security code', aCard('378282246310005', '123'), 'incorrect_cvc', 'bad_cvv', 'fix_field'],
    ['a real card in test mode', aCard('4539578763621486'), 'generic_decline', 'config', 'other_card'],
  ])('of %s is declined before any payment is made', async (what, card, declineCode, category, retry) => {
    const { outcome, trace } = await charge(what, {}, card);
    expect(outcome).toMatchObject({ kind: 'declined', declineCode, advice: { category, retry } });
    expect(trace.memo).toBeNull();
    expect(booked(what)).toEqual([]);
    expect(await gateway.query(trace)).toEqual({ kind: 'not_found' });
  });

  it.each([
    ['another key', () => open(simulator.url, `${KEY}x`)],
    ['an amount of nothing', () => gateway],
  ])('with %s fails, and nothing is charged', async (what, with_) => {
    const request = aRequest(what, what.startsWith('an amount') ? { amount: 0 } : {});
    expect(await with_().charge(request, aCard(), async () => {})).toMatchObject({ kind: 'failed' });
    expect(booked(what)).toEqual([]);
  });

  it('of an account without telephone orders fails and says why', async () => {
    await using account = await startStripeSimulator({ secretKey: KEY, moto: false });
    expect(await open(account.url).charge(aRequest('chg_1'), aCard(), async () => {})).toEqual({
      kind: 'failed',
      code: 'parameter_unknown',
    });
    expect(account.ledger().entries).toEqual([]);
  });

  it('where nobody listens was not sent', async () => {
    const nobody = open('http://127.0.0.1:1');
    expect(await nobody.charge(aRequest('chg_nobody'), aCard(), async () => {})).toEqual({
      kind: 'not_sent',
      code: 'gateway_unreachable',
    });
  });

  it('whose card could not be kept is not sent', async () => {
    const outcome = await gateway.charge(aRequest('chg_disk'), aCard(), () =>
      Promise.reject(new Error('disk full')),
    );
    expect(outcome).toEqual({ kind: 'not_sent', code: 'memo_not_stored' });
    expect(booked('chg_disk')).toEqual([]);
  });

  it.each([
    ['is approved', WAYS.fetchBytes],
    ['is lost', async () => ({ kind: 'lost', code: 'ECONNRESET' }) as const],
    ['breaks', () => Promise.reject(new Error('bug'))],
  ])('leaves no digit behind when it %s', async (_how, fetchBytes) => {
    const handedOut: Uint8Array[] = [];
    let held = '';
    const forgetful = open(simulator.url, KEY, {
      cardMemory: (byteCount) => {
        const memory = new Uint8Array(byteCount);
        handedOut.push(memory);
        return memory;
      },
      fetchBytes: (request) => {
        held ||= new TextDecoder().decode(handedOut[0]);
        return fetchBytes(request);
      },
    });
    await forgetful.charge(aRequest('chg_wiped'), aCard(), async () => {});
    expect(held).toContain('4242424242424242');
    expect(handedOut.flatMap((memory) => [...memory]).every((byte) => byte === 0)).toBe(true);
  });

  it('repeated with the same key and card is one charge', async () => {
    const { outcome } = await charge('chg_twice');
    expect((await charge('chg_twice')).outcome).toEqual(outcome);
    expect(booked('chg_twice')).toHaveLength(1);
    // Another card under this key is a bug of ours, and is refused before it can be charged.
    expect((await charge('chg_twice', {}, aCard('5555555555554444'))).outcome).toMatchObject({
      kind: 'failed',
    });
    expect(booked('chg_twice')).toHaveLength(1);
  });

  it('a key of the other mode is refused at the start', () => {
    expect(() => open(simulator.url, KEY.replace('_test_', '_live_'))).toThrow('of the other mode');
  });
});

describe('an answer that is lost', () => {
  const faults = ['drop_before', 'drop_after', '500_after_commit', 'reset', 'half_body'] as const;
  const types = ['charge', 'authorize', 'tokenize'] as const;

  it.each(faults.flatMap((fault) => types.map((type) => [fault, type] as const)))(
    '(%s, %s) is asked for with the same key, and one charge was made',
    async (fault, type) => {
      simulator.plan({ next: [fault] });
      const { outcome, trace } = await charge(`chg_${fault}_${type}`, { type });
      expect(outcome).toMatchObject({ kind: 'unknown' });
      expect(await gateway.query(trace)).toMatchObject({
        kind: 'approved',
        gatewayId: expect.stringMatching(/^(pi|seti)_/),
      });
      expect(booked(trace.key)).toHaveLength(1);
    },
  );

  it('of a decline is a decline', async () => {
    simulator.plan({ next: ['drop_after'] });
    const { outcome, trace } = await charge('chg_declined', {}, aCard('4000000000009995'));
    expect(outcome).toMatchObject({ kind: 'unknown' });
    expect(await gateway.query(trace)).toMatchObject({ kind: 'declined', declineCode: 'insufficient_funds' });
  });

  it('because the gateway is slow is no second charge', async () => {
    simulator.plan({ next: ['delay:300'] });
    const impatient = open(simulator.url, KEY, {
      fetchBytes: (request) => WAYS.fetchBytes({ ...request, timeoutMs: 100 }),
    });
    let memo: string | null = null;
    const request = aRequest('chg_slow');
    expect(
      await impatient.charge(request, aCard(), async (kept) => {
        memo = kept;
      }),
    ).toEqual({ kind: 'unknown', code: 'answer_lost' });
    expect(await gateway.query(aTrace('chg_slow', { memo, created: nowMs() }))).toMatchObject({
      kind: 'approved',
    });
    expect(booked('chg_slow')).toHaveLength(1);
  });

  it('of the request with the card is no charge, and may be sent again', async () => {
    const deaf = open(simulator.url, KEY, {
      fetchBytes: async (request) => {
        const answer = await WAYS.fetchBytes(request);
        return request.url.endsWith('/payment_methods') ? { kind: 'lost', code: 'ECONNRESET' } : answer;
      },
    });
    expect(await deaf.charge(aRequest('chg_card'), aCard(), async () => {})).toEqual({
      kind: 'not_sent',
      code: 'gateway_unreachable',
    });
    expect((await charge('chg_card')).outcome).toMatchObject({ kind: 'approved' });
    expect(booked('chg_card')).toHaveLength(1);
  });

  it.each(types)('a day later is looked for: %s', async (type) => {
    simulator.plan({ next: ['drop_after'] });
    const { trace } = await charge(`chg_day_${type}`, { type });
    aheadMs = 25 * HOUR_MS;
    expect(await gateway.query(trace)).toMatchObject({ kind: 'approved' });
    expect(booked(trace.key)).toHaveLength(1);
  });

  it('of a charge that never arrived is not finished a day later', async () => {
    simulator.plan({ next: ['drop_before'] });
    const { trace } = await charge('chg_never');
    aheadMs = 25 * HOUR_MS;
    expect(await gateway.query(trace)).toEqual({ kind: 'not_found' });
    expect(booked('chg_never')).toEqual([]);
  });

  it('of a charge that may not be finished any more is only looked for', async () => {
    simulator.plan({ next: ['drop_before', 'drop_after'] });
    const never = { ...(await charge('chg_given_up')).trace, mayFinish: false };
    const made = { ...(await charge('chg_made')).trace, mayFinish: false };
    expect(await gateway.query(never)).toEqual({ kind: 'unknown', code: 'not_found_yet' });
    expect(await gateway.query(made)).toMatchObject({ kind: 'approved' });
    aheadMs = 3 * HOUR_MS;
    expect(await gateway.query(never)).toEqual({ kind: 'not_found' });
    expect([booked('chg_given_up').length, booked('chg_made').length]).toEqual([0, 1]);
  });

  it('of which a search knows nothing yet stays unknown', async () => {
    await using lagging = await startStripeSimulator({ secretKey: KEY, nowMs, searchLagMs: HOUR_MS });
    lagging.plan({ next: ['500_after_commit'] });
    const stripe = open(lagging.url);
    let memo: string | null = null;
    const keep = async (kept: string) => {
      memo = kept;
    };
    expect(await stripe.charge(aRequest('chg_lag'), aCard(), keep)).toMatchObject({ kind: 'unknown' });
    const trace = aTrace('chg_lag', { memo, created: nowMs() });
    expect(await stripe.query(trace)).toEqual({ kind: 'unknown', code: 'not_found_yet' });
    aheadMs = 3 * HOUR_MS;
    expect(await stripe.query(trace)).toMatchObject({ kind: 'approved' });
    expect(lagging.ledger().entries).toHaveLength(1);
  });

  it('again, when it is asked for, stays unknown', async () => {
    simulator.plan({ next: ['500_after_commit', 'drop_after'], lookups: ['drop_after'] });
    const { trace } = await charge('chg_again');
    expect(await gateway.query(trace)).toEqual({ kind: 'unknown', code: 'query_failed' });
    expect(await gateway.query(trace)).toMatchObject({ kind: 'approved' });
    expect(booked('chg_again')).toHaveLength(1);
  });
});

describe('later steps', () => {
  const done = { kind: 'done', gatewayId: expect.stringMatching(/^(pi|re)_/) };

  async function held(key: string, type: 'charge' | 'authorize' = 'authorize') {
    const { outcome, trace } = await charge(key, { type });
    const gatewayId = outcome.kind === 'approved' ? (outcome.gatewayId ?? '') : '';
    const step = (kind: 'settle' | 'void' | 'refund', amount = 4_999, stepKey = `op_${key}_${kind}`) =>
      gateway.followUp?.({ kind, key: stepKey, charge: trace, gatewayId, amount });
    return { step };
  }

  it('settles all, or less', async () => {
    expect(await (await held('chg_all')).step('settle')).toEqual(done);
    expect(await (await held('chg_less')).step('settle', 1_000)).toEqual(done);
    expect(booked('chg_less')).toMatchObject([{ status: 'settled', settled: 1_000 }]);
  });

  it('voids', async () => {
    expect(await (await held('chg_void')).step('void')).toEqual(done);
    expect(booked('chg_void')).toMatchObject([{ status: 'voided' }]);
  });

  it('refunds in parts, each once', async () => {
    const { step } = await held('chg_refund', 'charge');
    expect(await step('refund', 1_000, 'op_1')).toEqual(done);
    expect(await step('refund', 1_000, 'op_2')).toEqual(done);
    expect(await step('refund', 1_000, 'op_2')).toEqual(done);
    aheadMs = 30 * HOUR_MS;
    expect(await step('refund', 1_000, 'op_2')).toEqual(done);
    expect(booked('chg_refund')).toMatchObject([{ status: 'refunded', refunded: 2_000 }]);
  });

  it.each([
    ['settle', 'charge', 'payment_intent_unexpected_state', 1_000],
    ['void', 'charge', 'payment_intent_unexpected_state', 4_999],
    ['refund', 'authorize', 'charge_already_refunded', 4_999],
    ['settle', 'authorize', 'amount_too_large', 5_000],
    ['refund', 'charge', 'amount_too_large', 5_000],
  ] as const)('%s of what cannot be is refused (%s)', async (kind, type, code, amount) => {
    const { step } = await held(`chg_no_${kind}_${type}_${amount}`, type);
    expect(await step(kind, amount)).toEqual({ kind: 'refused', code });
  });

  it.each(
    (['settle', 'void', 'refund'] as const).flatMap((kind) =>
      (['drop_before', 'drop_after', '500_after_commit', 'reset', 'half_body'] as const).map(
        (fault) => [kind, fault] as const,
      ),
    ),
  )('%s whose answer is lost (%s) is said again, and done once', async (kind, fault) => {
    const key = `chg_${kind}_${fault}`;
    const { step } = await held(key, kind === 'refund' ? 'charge' : 'authorize');
    simulator.plan({ next: [fault] });
    expect(await step(kind)).toMatchObject({ kind: 'unknown' });
    expect(await step(kind)).toEqual(done);
    expect(booked(key)).toMatchObject([
      { settle: { settled: 4_999 }, void: { status: 'voided' }, refund: { refunded: 4_999 } }[kind],
    ]);
  });
});
