import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChargeRequest, GATEWAY_KINDS, type Gateway, type GatewayWays } from '@sordino/payments';
import { type CheckoutSimulator, startCheckoutSimulator } from '@sordino/testkit';
import { aCard, aRequest, aTrace, WAYS } from './support.ts';

const letters = () =>
  randomBytes(13)
    .toString('hex')
    .replace(/[0189]/g, 'a');
const SECRET_KEY = `sk_sbox_${letters()}2`;
const PUBLIC_KEY = `pk_sbox_${letters()}2`;
const HOUR_MS = 3_600_000;

let simulator: CheckoutSimulator;
let gateway: Gateway;
/** Of both sides: hours later is a number here. */
let aheadMs = 0;
const nowMs = () => Date.now() + aheadMs;

function open(url: string, secretKey = SECRET_KEY, ways: Partial<GatewayWays> = {}): Gateway {
  const kind = GATEWAY_KINDS.find(({ type }) => type === 'checkout_com');
  if (kind === undefined) throw new Error('checkout_com is not listed');
  return kind.create({
    ...{ url, livemode: false, secrets: { secret_key: new TextEncoder().encode(secretKey) } },
    settings: { prefix: 'abcd1234', public_key: PUBLIC_KEY, processing_channel_id: `pc_${letters()}` },
    ways: { ...WAYS, clock: { ...WAYS.clock, wallMs: nowMs }, ...ways },
  });
}

beforeAll(async () => {
  simulator = await startCheckoutSimulator({ secretKey: SECRET_KEY, publicKey: PUBLIC_KEY, nowMs });
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

describe('a charge at Checkout.com', () => {
  it('is approved, with authorisation code and id', async () => {
    const { outcome, trace } = await charge('chg_ok');
    expect(outcome).toEqual({
      kind: 'approved',
      authCode: expect.stringMatching(/^[A-Z2-9]{6}$/),
      token: null,
      gatewayId: expect.stringMatching(/^pay_/),
    });
    expect(trace.memo).toMatch(/^tok_/);
    expect(booked('chg_ok')).toMatchObject([
      { kind: 'charge', amount: 4_999, currency: 'gbp', status: 'approved' },
    ]);
    expect(await gateway.query(trace)).toEqual(outcome);
  });

  it('takes what a caller may have typed: January, four digits of security code, a post code, no reference', async () => {
    const amex = aCard('378282246310005', '1234', '90210', '0131');
    expect((await charge('chg_amex', { reference: null }, amex)).outcome).toMatchObject({ kind: 'approved' });
    const long = `"\\ é ${'x'.repeat(240)}`;
    expect((await charge('chg_text', { reference: long })).outcome).toMatchObject({ kind: 'approved' });
  });

  it('may only hold the money', async () => {
    expect((await charge('chg_hold', { type: 'authorize' })).outcome).toMatchObject({ kind: 'approved' });
    expect(booked('chg_hold')).toMatchObject([{ kind: 'authorize', settled: 0 }]);
  });

  it('may only save the card', async () => {
    const { outcome, trace } = await charge('chg_save', { type: 'tokenize' });
    expect(outcome).toMatchObject({ kind: 'approved', token: expect.stringMatching(/^src_/) });
    expect(booked('chg_save')).toMatchObject([{ kind: 'tokenize', amount: null }]);
    expect(await gateway.query(trace)).toEqual(outcome);
  });

  it.each([
    [105, 'generic_decline', 'do_not_honour', 'other_card', '20005'],
    [112, 'generic_decline', 'not_permitted', 'other_card', '20012'],
    [114, 'generic_decline', 'bad_number', 'fix_field', '20014'],
    [151, 'insufficient_funds', 'funds', 'same_card_later', '20051'],
    [154, 'expired_card', 'expired', 'fix_field', '20054'],
    [159, 'generic_decline', 'fraud_block', 'other_card', '20059'],
    [162, 'generic_decline', 'not_permitted', 'other_card', '20062'],
    [163, 'generic_decline', 'fraud_block', 'other_card', '20063'],
    [168, 'generic_decline', 'issuer_down', 'same_card_later', '20068'],
    [191, 'generic_decline', 'issuer_down', 'same_card_later', '20091'],
    [141, 'generic_decline', 'lost_stolen', 'other_card', '30041'],
    [143, 'generic_decline', 'lost_stolen', 'other_card', '30043'],
  ])('of %d is declined: %s, %s, %s', async (amount, declineCode, category, retry, raw) => {
    const declined = { kind: 'declined', declineCode, advice: { category, retry, raw } };
    const { outcome, trace } = await charge(`chg_${amount}`, { amount });
    expect(outcome).toEqual(declined);
    expect(await gateway.query(trace)).toEqual(declined);
  });

  it('with a wrong security code is declined for that', async () => {
    expect((await charge('chg_cvv', {}, aCard(undefined, '999'))).outcome).toMatchObject({
      ...{ kind: 'declined', declineCode: 'incorrect_cvc' },
      advice: { category: 'bad_cvv', retry: 'fix_field', raw: '20087' },
    });
  });

  it.each([
    ['a wrong number', aCard('4242424242424241'), 'generic_decline', 'bad_number'],
    ['a month that is over', aCard(undefined, '123', '', '0120'), 'expired_card', 'expired'],
    ['half a security code', aCard('378282246310005', '123'), 'incorrect_cvc', 'bad_cvv'],
    ['a real card in the sandbox', aCard('4539578763621486'), 'generic_decline', 'bad_number'],
  ])('of %s is declined before any payment is made', async (what, card, declineCode, category) => {
    const { outcome, trace } = await charge(what, {}, card);
    expect(outcome).toMatchObject({
      ...{ kind: 'declined', declineCode },
      advice: { category, retry: 'fix_field' },
    });
    expect(trace.memo).toBeNull();
    expect(booked(what)).toEqual([]);
    expect(await gateway.query(trace)).toEqual({ kind: 'not_found' });
  });

  it('with another key fails, and nothing is charged', async () => {
    const stranger = open(simulator.url, `sk_sbox_${letters()}3`);
    expect(await stranger.charge(aRequest('chg_key'), aCard(), async () => {})).toEqual({
      ...{ kind: 'failed', code: 'unauthorized' },
    });
    expect(booked('chg_key')).toEqual([]);
  });

  it('where nobody listens was not sent', async () => {
    const nobody = open('http://127.0.0.1:1');
    expect(await nobody.charge(aRequest('chg_nobody'), aCard(), async () => {})).toEqual({
      kind: 'not_sent',
      code: 'gateway_unreachable',
    });
  });

  it('whose token could not be kept is not sent', async () => {
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
    const forgetful = open(simulator.url, SECRET_KEY, {
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

  it('a key of the other mode is refused at the start', () => {
    expect(() => open(simulator.url, SECRET_KEY.replace('sbox_', ''))).toThrow('of the other mode');
  });
});

describe('an answer that is lost', () => {
  const faults = ['drop_before', 'drop_after', '500_after_commit', 'reset', 'half_body'] as const;
  const types = ['charge', 'authorize', 'tokenize'] as const;

  it.each(faults.flatMap((fault) => types.map((type) => [fault, type] as const)))(
    '(%s, %s) is asked for, and one charge was made',
    async (fault, type) => {
      simulator.plan({ next: [fault] });
      const { outcome, trace } = await charge(`chg_${fault}_${type}`, { type });
      expect(outcome).toMatchObject({ kind: 'unknown' });
      expect(await gateway.query(trace)).toMatchObject({
        kind: 'approved',
        authCode: expect.stringMatching(/^[A-Z2-9]{6}$/),
        gatewayId: expect.stringMatching(/^pay_/),
        token: type === 'tokenize' ? expect.stringMatching(/^src_/) : null,
      });
      expect(booked(trace.key)).toHaveLength(1);
    },
  );

  it('of a decline is a decline', async () => {
    simulator.plan({ next: ['drop_after'] });
    const { outcome, trace } = await charge('chg_declined', { amount: 151 });
    expect(outcome).toMatchObject({ kind: 'unknown' });
    expect(await gateway.query(trace)).toMatchObject({ kind: 'declined', declineCode: 'insufficient_funds' });
  });

  it('because the gateway is slow is no second charge', async () => {
    simulator.plan({ next: ['delay:300'] });
    const impatient = open(simulator.url, SECRET_KEY, {
      fetchBytes: (request) => WAYS.fetchBytes({ ...request, timeoutMs: 100 }),
    });
    let memo: string | null = null;
    const keep = async (kept: string) => {
      memo = kept;
    };
    expect(await impatient.charge(aRequest('chg_slow'), aCard(), keep)).toEqual({
      ...{ kind: 'unknown', code: 'answer_lost' },
    });
    expect(await gateway.query(aTrace('chg_slow', { memo, created: nowMs() }))).toMatchObject({
      kind: 'approved',
    });
    expect(booked('chg_slow')).toHaveLength(1);
  });

  it('of the request with the card is no charge, and may be sent again', async () => {
    const deaf = open(simulator.url, SECRET_KEY, {
      fetchBytes: async (request) => {
        const answer = await WAYS.fetchBytes(request);
        return request.url.endsWith('/tokens') ? { kind: 'lost', code: 'ECONNRESET' } : answer;
      },
    });
    expect(await deaf.charge(aRequest('chg_card'), aCard(), async () => {})).toEqual({
      kind: 'not_sent',
      code: 'gateway_unreachable',
    });
    expect((await charge('chg_card')).outcome).toMatchObject({ kind: 'approved' });
    expect(booked('chg_card')).toHaveLength(1);
  });

  it('of a charge that never arrived cannot be finished when its token is over', async () => {
    simulator.plan({ next: ['drop_before'] });
    const { trace } = await charge('chg_never');
    aheadMs = HOUR_MS / 2;
    expect(await gateway.query(trace)).toEqual({ kind: 'unknown', code: 'not_found_yet' });
    aheadMs = 2 * HOUR_MS;
    expect(await gateway.query(trace)).toEqual({ kind: 'not_found' });
    aheadMs = 30 * HOUR_MS;
    expect(await gateway.query(trace)).toEqual({ kind: 'not_found' });
    expect(booked('chg_never')).toEqual([]);
  });

  it('of a charge that may not be finished any more is only looked for', async () => {
    simulator.plan({ next: ['drop_before', 'drop_after'] });
    const never = { ...(await charge('chg_given_up')).trace, mayFinish: false };
    const made = { ...(await charge('chg_made')).trace, mayFinish: false };
    expect(await gateway.query(never)).toEqual({ kind: 'unknown', code: 'not_found_yet' });
    expect(await gateway.query(made)).toMatchObject({ kind: 'approved' });
    expect([booked('chg_given_up').length, booked('chg_made').length]).toEqual([0, 1]);
  });

  it.each(['500_after_commit', 'drop_after'] as const)(
    '(%s) of a charge that is not listed yet is no second charge',
    async (fault) => {
      const keys = { secretKey: SECRET_KEY, publicKey: PUBLIC_KEY };
      await using lagging = await startCheckoutSimulator({ ...keys, nowMs, listLagMs: HOUR_MS / 2 });
      lagging.plan({ next: [fault] });
      const checkout = open(lagging.url);
      let memo: string | null = null;
      const keep = async (kept: string) => {
        memo = kept;
      };
      expect(await checkout.charge(aRequest('chg_lag'), aCard(), keep)).toMatchObject({ kind: 'unknown' });
      const trace = aTrace('chg_lag', { memo, created: nowMs() });
      // After a 500 the request runs again, and finds its token used; after a 200 its answer is kept.
      expect(await checkout.query(trace)).toMatchObject({
        kind: fault === 'drop_after' ? 'approved' : 'unknown',
      });
      aheadMs = HOUR_MS;
      expect(await checkout.query(trace)).toMatchObject({ kind: 'approved' });
      expect(lagging.ledger().entries).toHaveLength(1);
    },
  );

  it('again, when it is asked for, stays unknown', async () => {
    simulator.plan({ next: ['drop_after'], lookups: ['drop_after', 'half_body'] });
    const { trace } = await charge('chg_again');
    expect(await gateway.query(trace)).toEqual({ kind: 'unknown', code: 'query_failed' });
    expect(await gateway.query(trace)).toEqual({ kind: 'unknown', code: 'query_failed' });
    expect(await gateway.query(trace)).toMatchObject({ kind: 'approved' });
    expect(booked('chg_again')).toHaveLength(1);
  });
});

describe('later steps', () => {
  const taken = { kind: 'pending', gatewayId: expect.stringMatching(/^act_/) };
  const done = { kind: 'done', gatewayId: expect.stringMatching(/^act_/) };

  async function held(key: string, type: 'charge' | 'authorize' = 'authorize') {
    const { outcome, trace } = await charge(key, { type });
    const gatewayId = outcome.kind === 'approved' ? (outcome.gatewayId ?? '') : '';
    const step = (kind: 'settle' | 'void' | 'refund', amount = 4_999, stepKey = `op_${key}_${kind}`) =>
      gateway.followUp?.({ kind, key: stepKey, charge: trace, gatewayId, amount });
    return { step };
  }

  it('settles all, or less: taken first, done when it is asked again', async () => {
    const { step } = await held('chg_all');
    expect([await step('settle'), await step('settle')]).toEqual([taken, done]);
    expect(await (await held('chg_less')).step('settle', 1_000)).toEqual(taken);
    expect(booked('chg_less')).toMatchObject([{ status: 'settled', settled: 1_000 }]);
  });

  it('voids', async () => {
    expect(await (await held('chg_void')).step('void')).toEqual(taken);
    expect(booked('chg_void')).toMatchObject([{ status: 'voided' }]);
  });

  it('refunds in parts, each once', async () => {
    const { step } = await held('chg_refund', 'charge');
    expect(await step('refund', 1_000, 'op_1')).toEqual(taken);
    expect(await step('refund', 1_000, 'op_2')).toEqual(taken);
    expect(await step('refund', 1_000, 'op_2')).toEqual(done);
    aheadMs = 30 * HOUR_MS;
    expect(await step('refund', 1_000, 'op_2')).toEqual(done);
    expect(booked('chg_refund')).toMatchObject([{ status: 'refunded', refunded: 2_000 }]);
  });

  it.each([
    ['settle', 'charge', 'capture_not_allowed', 1_000],
    ['void', 'charge', 'void_not_allowed', 4_999],
    ['refund', 'authorize', 'refund_not_allowed', 4_999],
    ['settle', 'authorize', 'capture_amount_exceeds_balance', 5_000],
    ['refund', 'charge', 'refund_amount_exceeds_balance', 5_000],
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
    expect(await step(kind)).toEqual(fault === 'drop_before' ? taken : done);
    expect(booked(key)).toMatchObject([
      { settle: { settled: 4_999 }, void: { status: 'voided' }, refund: { refunded: 4_999 } }[kind],
    ]);
  });
});
