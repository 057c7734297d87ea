import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SessionObject } from '@sordino/core';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import type { Caller } from '../session/service.ts';
import { PLAIN_CAPABILITIES } from '../test-support/charge-trace.ts';
import { later } from '../test-support/later.ts';
import { aPayRequest, CARD, CVV, sendPay, wipedIn } from '../test-support/pay-request.ts';
import { aPaymentSession, CALLER, CONNECTOR, World } from '../test-support/payment-session.ts';

const lost: ChargeOutcome = { kind: 'unknown', code: 'answer_lost' };
const approved: ChargeOutcome = { kind: 'approved', authCode: 'A1B2C3', token: null, gatewayId: 'ch_1' };
const declined: ChargeOutcome = { kind: 'declined', declineCode: 'insufficient_funds' };

let world: World;
beforeEach(() => {
  world = new World();
});

const sends = (body: unknown, caller: Caller = CALLER, connector: string = CONNECTOR, in_ = world) =>
  sendPay(in_, body, caller, connector);

async function paid(more: Readonly<Record<string, unknown>> = {}): Promise<SessionObject> {
  const result = await sends(aPayRequest(more));
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.message}`);
  return result.value;
}

/** Keys are made in a thread pool: how long that takes, no turn of the event loop tells. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await world.settled();
}
const isAsked = (): boolean => world.gateway.requests.length > 0;

const wiped = (): boolean => wipedIn(world);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const story = (id: SessionObject['id']) => world.store.events(id, 0, 100).map(({ type }) => type);

describe('a payment that somebody else has collected', () => {
  it('is a session without a call, charged as any other', async () => {
    const session = await paid();
    expect(session).toMatchObject({
      ...{
        status: 'approved',
        topology: 'original',
        connector: CONNECTOR,
        livemode: false,
        rendezvous: null,
      },
      call: { platform: 'plt_pay_connector', call_id: 'PK-1' },
      intent: { type: 'charge', amount: 4_999, currency: 'gbp', reference: 'INV-7' },
      result: { auth_code: 'A1B2C3' },
      metadata: { desk: 'a' },
    });
    expect(session.fields).toMatchObject([
      { name: 'card_number', state: 'wiped', brand: 'visa', last4: '4242' },
      { name: 'expiry' },
      { name: 'cvc' },
    ]);
    expect(story(session.id)).toEqual(['session.created', 'payment.processing', 'payment.approved']);
    expect(world.gateway.requests).toMatchObject([
      { amount: 4_999, currency: 'gbp', type: 'charge', reference: 'INV-7' },
    ]);
    expect(world.gateway.cardsSeen).toMatchObject([
      { number: bytes(CARD), expiry: bytes('1230'), cvc: bytes(CVV) },
    ]);
    expect(wiped()).toBe(true);
  });

  it.each<[string, Record<string, unknown>, object]>([
    ['one digit of a month', { expiry_month: '7' }, { expiry: bytes('0730') }],
    ['four digits of a year', { expiry_year: '2031' }, { expiry: bytes('1231') }],
    ['no security code', { cvv: null }, { cvc: bytes('') }],
    ['an empty security code', { cvv: '' }, { cvc: bytes('') }],
    ['a postal code', { postal_code: '94112' }, { postalCode: bytes('94112') }],
    ['American Express', { cardnumber: '378282246310005', cvv: '7391' }, { cvc: bytes('7391') }],
    ['names of its own', { extension: { deep: [1, { a: CARD }] }, moto: true }, { number: bytes(CARD) }],
  ])('may have %s', async (_what, more, seen) => {
    expect((await paid(more)).status).toBe('approved');
    expect(world.gateway.cardsSeen).toMatchObject([seen]);
  });

  it.each([
    ['10', 'gbp', 1_000],
    ['10.5', 'gbp', 1_050],
    ['5000', 'JPY', 5_000],
    ['5000.00', 'JPY', 5_000],
    ['1.234', 'KWD', 1_234],
    ['0.01', 'usd', 1],
  ])('of %s %s is of %i minor units', async (amount, currency_code, minor) => {
    expect((await paid({ amount, currency_code })).intent.amount).toBe(minor);
  });

  it('can be a card to be saved, without an amount', async () => {
    world.gateway.capabilities = { ...PLAIN_CAPABILITIES, tokenize: true };
    const { amount: _none, ...request } = aPayRequest({ method: 'tokenize' });
    expect(await sends(request)).toMatchObject({
      ok: true,
      value: { status: 'approved', result: { token: 'tok_9' } },
    });
    expect(world.gateway.requests).toMatchObject([{ type: 'tokenize', amount: 0 }]);
  });

  it('can be refunded like any other', async () => {
    world.gateway.capabilities = { ...PLAIN_CAPABILITIES, refund: true };
    world.gateway.charges = [() => approved];
    const { id } = await paid();
    expect(await world.service.operate(CALLER, id, 'refund', { key: 'k' })).toMatchObject({
      value: { state: 'done' },
    });
  });

  it.each<[string, ChargeOutcome, object]>([
    ['declined', declined, { status: 'declined', result: { decline_code: 'insufficient_funds' } }],
    ['declined for its code', { kind: 'declined', declineCode: 'incorrect_cvc' }, { status: 'declined' }],
    ['of unknown outcome', lost, { status: 'unknown', result: { failure_code: 'answer_lost' } }],
    ['refused', { kind: 'failed', code: 'gateway_refused_request' }, { status: 'failed' }],
    [
      'never sent',
      { kind: 'not_sent', code: 'gateway_unreachable' },
      { status: 'failed', result: { failure_code: 'gateway_unreachable' } },
    ],
  ])('leaves no card behind when it is %s', async (_what, outcome, session) => {
    world.gateway.charges = [() => outcome];
    expect(await paid()).toMatchObject(session);
    expect([wiped(), world.service.paymentsInProgress()]).toEqual([true, []]);
    // Nothing is kept for another try either.
    await world.advance(1);
    expect(world.clock.pending).toBe(outcome.kind === 'unknown' ? 1 : 0);
  });
});

describe('the same transaction_id again', () => {
  it.each<[string, ChargeOutcome]>([
    ['approved', approved],
    ['declined', declined],
    ['unknown', lost],
    ['failed', { kind: 'failed', code: 'x' }],
  ])('is told that it was %s, and charges nothing', async (status, outcome) => {
    world.gateway.charges = [() => outcome];
    const first = await paid();
    const again = await paid();
    expect([first.status, again.status, again.id]).toEqual([status, status, first.id]);
    expect(world.gateway.requests).toHaveLength(1);
    expect(wiped()).toBe(true);
  });

  it('while it is under way is told so, and can ask again', async () => {
    const answer = later<ChargeOutcome>();
    world.gateway.charges = [() => answer.promise];
    const first = paid();
    await until(isAsked);
    expect(await sends(aPayRequest())).toMatchObject({
      problem: { httpStatus: 409, code: 'charge_in_progress', retryable: true },
    });
    expect(world.service.paymentsInProgress()).toHaveLength(1);
    answer.resolve(approved);
    expect((await first).status).toBe('approved');
    expect((await paid()).status).toBe('approved');
    expect(world.gateway.requests).toHaveLength(1);
  });

  it('twenty times at once is charged once', async () => {
    const answer = later<ChargeOutcome>();
    world.gateway.charges = [() => answer.promise];
    let told = 0;
    const sent = Array.from({ length: 20 }, () => sends(aPayRequest()).finally(() => ++told));
    await until(() => told === 19);
    answer.resolve(approved);
    const results = await Promise.all(sent);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(world.gateway.requests).toHaveLength(1);
    expect(wiped()).toBe(true);
  });

  it.each([{ amount: '49.98' }, { currency_code: 'USD' }])('for %o is refused', async (more) => {
    await paid();
    expect(await sends(aPayRequest(more))).toMatchObject({
      problem: { httpStatus: 422, code: 'transaction_id_reused', param: 'transaction_id' },
    });
    expect(world.gateway.requests).toHaveLength(1);
  });

  it('of another tenant is another payment', async () => {
    const first = await paid();
    const other = await sends(aPayRequest(), { tenant: 'ten_b', livemode: false });
    expect(other).toMatchObject({ ok: true, value: { status: 'approved' } });
    expect(other.ok && other.value.id !== first.id).toBe(true);
  });

  it('after a lost answer is told what the resolver found', async () => {
    world.gateway.charges = [() => lost];
    world.gateway.answers = [approved];
    const { id } = await paid();
    await world.advance(1_000);
    expect((await paid()).status).toBe('approved');
    expect(story(id)).toEqual([
      'session.created',
      'payment.processing',
      'payment.unknown',
      'payment.approved',
    ]);
  });

  it('after a crash in the middle of a charge is found out and not charged', async () => {
    world.gateway.charges = [() => new Promise(() => {})];
    void sends(aPayRequest());
    await until(isAsked);
    const next = new World({}, world.store);
    next.gateway.answers = [approved];
    await next.service.recover();
    expect(await sends(aPayRequest(), CALLER, CONNECTOR, next)).toMatchObject({
      value: { status: 'approved' },
    });
    expect(next.gateway.requests).toEqual([]);
  });

  it('after a crash before the charge has failed: nothing was sent', async () => {
    await paid();
    const [opened] = world.store.changes;
    const next = new World();
    if (opened) await next.store.commit(opened);
    await next.service.recover();
    expect(await sends(aPayRequest(), CALLER, CONNECTOR, next)).toMatchObject({
      value: { status: 'failed', result: { failure_code: 'interrupted' } },
    });
    expect(next.gateway.requests).toEqual([]);
  });

  it('is charged once the store takes it again', async () => {
    for (const failures of [1, 1]) {
      world.store.failures = failures;
      expect(await sends(aPayRequest())).toMatchObject({
        problem: { code: 'storage_unavailable', retryable: true },
      });
    }
    expect([world.gateway.requests, wiped()]).toEqual([[], true]);
    expect((await paid()).status).toBe('approved');
  });

  it('is charged also when only the attempt could not be stored', async () => {
    const commit = world.store.commit.bind(world.store);
    let commits = 0;
    world.store.commit = (change) => (++commits === 2 ? Promise.reject(new Error('full')) : commit(change));
    expect(await sends(aPayRequest())).toMatchObject({ problem: { code: 'storage_unavailable' } });
    expect(world.gateway.requests).toEqual([]);
    expect((await paid()).status).toBe('approved');
    expect(world.gateway.requests).toHaveLength(1);
  });
});

describe('the rules of sessions', () => {
  it('an attempt is on disk before the first byte leaves', async () => {
    let stored = 0;
    world.gateway.charges = [
      () => {
        stored = world.store.attempts().length;
        return approved;
      },
    ];
    await paid();
    expect(stored).toBe(1);
  });

  it('a card and amount in doubt are not charged again, by a session either', async () => {
    world.gateway.charges = [() => lost];
    world.gateway.answers = Array.from({ length: 20 }, () => lost);
    await paid();
    expect(await paid({ transaction_id: 'PK-2' })).toMatchObject({
      status: 'failed',
      result: { failure_code: 'same_card_unknown' },
    });
    const scene = await aPaymentSession().in(world).readyToConfirm().build();
    expect(await scene.agent.confirms()).toMatchObject({ problem: { code: 'same_card_unknown' } });
    expect(world.gateway.requests).toHaveLength(1);
  });

  it('cards are not tried out', async () => {
    world.gateway.charges = Array.from({ length: 9 }, () => () => declined);
    const statuses: (string | null)[] = [];
    for (let count = 0; count < 7; count += 1)
      statuses.push((await paid({ transaction_id: `PK-${count}` })).result.failure_code);
    expect(statuses.slice(-2)).toEqual(['card_testing_suspected', 'card_testing_suspected']);
    expect(world.gateway.requests).toHaveLength(5);
    expect(world.store.openSessions()).toEqual([]);
    expect(world.alarms).toMatchObject([{ by: 'card' }]);
  });

  it('test and live never meet', async () => {
    const live = { ...CALLER, livemode: true };
    for (const [caller, connector] of [
      [live, CONNECTOR],
      [CALLER, 'con_live'],
      [CALLER, 'con_none'],
    ] as const)
      expect(await sends(aPayRequest(), caller, connector)).toMatchObject({
        problem: { httpStatus: 404, code: 'no_such_connector' },
      });
    expect([world.gateway.requests, world.liveGateway.requests, world.cardBuffers.length]).toEqual([
      [],
      [],
      1,
    ]);
    // Its own scratch of the velocity, which no card has touched.
    expect(wiped()).toBe(true);
  });

  it('no card is taken while nothing can be recorded', async () => {
    const mute = new World({}, undefined, { mayCapture: () => false });
    expect(await sends(aPayRequest(), CALLER, CONNECTOR, mute)).toMatchObject({
      problem: { code: 'audit_unavailable' },
    });
    expect(mute.gateway.requests).toEqual([]);
  });

  it('nobody confirms, collects or cancels it besides', async () => {
    const answer = later<ChargeOutcome>();
    world.gateway.charges = [() => answer.promise];
    const first = paid();
    await until(isAsked);
    const [attempt] = world.store.attempts();
    const id = attempt?.session ?? ('' as never);
    expect(await world.service.confirm(CALLER, id)).toMatchObject({
      problem: { code: 'charge_in_progress' },
    });
    expect(await world.service.collect(CALLER, id, 'cvc')).toMatchObject({
      problem: { code: 'charge_in_progress' },
    });
    expect(await world.service.cancel(CALLER, id)).toMatchObject({ ok: false });
    answer.resolve(approved);
    await first;
    expect(await world.service.collect(CALLER, id, 'cvc')).toMatchObject({
      problem: { code: 'already_approved' },
    });
  });
});

it('no card data is in anything that was stored, said or logged', async () => {
  world.gateway.charges = [() => approved, () => declined, () => lost];
  for (const transaction_id of ['PK-a', 'PK-b', 'PK-c']) await paid({ transaction_id });
  const all = JSON.stringify([world.store.changes, world.logLines]);
  expect(all.length).toBeGreaterThan(5_000);
  const found = (haystack: string) =>
    [CARD, '4242 4242 4242 4242', '424242424242', `"${CVV}"`, '"1230"'].filter((form) =>
      haystack.includes(form),
    );
  expect(found(all)).toEqual([]);
  expect(found(`${all}{"cvc":"${CVV}","n":"${CARD}"}`)).toEqual([CARD, '424242424242', `"${CVV}"`]);
});
