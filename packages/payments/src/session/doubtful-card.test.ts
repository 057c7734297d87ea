import { describe, expect, it } from '@jest/globals';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import { later } from '../test-support/later.ts';
import { aPaymentSession, CALLER, World } from '../test-support/payment-session.ts';

const lost: ChargeOutcome = { kind: 'unknown', code: 'answer_lost' };
const refused = { ok: false, problem: { httpStatus: 409, code: 'same_card_unknown', retryable: false } };

/** Another call, another session. */
const another = (world: World, intent: object = {}) =>
  aPaymentSession()
    .in(world)
    .with({
      call: { platform: 'plt_main', call_id: `e-${world.store.changes.length}` },
      intent: { type: 'charge', amount: 4_999, currency: 'gbp', ...intent },
    });

async function aDoubtfulCharge() {
  const scene = await aPaymentSession().readyToConfirm().build();
  scene.world.gateway.charges = [() => lost];
  await scene.agent.confirms();
  scene.world.gateway.answers = Array.from({ length: 30 }, () => ({ kind: 'unknown', code: 'x' }) as const);
  return scene;
}

describe('while nobody knows what became of a charge', () => {
  it('the same card is not charged the same amount again, and nothing is sent', async () => {
    const { world } = await aDoubtfulCharge();
    const second = await another(world).readyToConfirm().build();
    expect(await second.agent.confirms()).toMatchObject(refused);
    expect(second.session.status).toBe('ready_to_confirm');
    expect(world.gateway.requests).toHaveLength(1);
  });

  it('nor by the next process', async () => {
    const { world } = await aDoubtfulCharge();
    const next = new World({}, world.store);
    next.gateway.answers = [lost as never];
    await next.service.recover();
    const second = await another(next).readyToConfirm().build();
    expect(await second.agent.confirms()).toMatchObject(refused);
  });

  it.each([
    ['another amount', { amount: 5_000 }, {}],
    ['another currency', { currency: 'eur' }, {}],
    ['another card', {}, { card_number: '5555 5555 5555 4444' }],
    ['only the card itself, to be saved', { type: 'tokenize' as const }, {}],
  ])('%s is taken', async (_what, intent, card) => {
    const { world } = await aDoubtfulCharge();
    const second = await another(world, intent).readyToConfirm(card).build();
    expect(await second.agent.confirms()).toMatchObject({ ok: true, value: { status: 'approved' } });
  });

  it('the same is taken once the outcome is known', async () => {
    const { world } = await aDoubtfulCharge();
    world.gateway.answers = [{ kind: 'declined', declineCode: 'generic_decline' }];
    const second = await another(world).readyToConfirm().build();
    await world.advance(1_000);
    expect(await second.agent.confirms()).toMatchObject({ ok: true, value: { status: 'approved' } });
  });

  it('a supervisor may take it, and says why', async () => {
    const first = await aDoubtfulCharge();
    const second = await another(first.world).readyToConfirm().build();
    await first.world.advance(80_000);
    const confirmed = await second.agent.confirms({ reason: 'looked up by phone: not charged' });
    expect(confirmed).toMatchObject({ ok: true, value: { status: 'approved' } });
    expect(second.last('payment.processing').data.override).toEqual({
      reason: 'looked up by phone: not charged',
      unknown: [first.world.gateway.requests[0]?.key],
    });
  });

  it('a supervisor waits until the first charge cannot be finished any more', async () => {
    const first = await aDoubtfulCharge();
    const second = await another(first.world).readyToConfirm().build();
    await first.world.advance(30_000);
    expect(await second.agent.confirms({ reason: 'in a hurry' })).toMatchObject({
      ok: false,
      problem: { httpStatus: 409, code: 'override_too_soon', retryable: true },
    });
    expect(first.world.gateway.requests).toHaveLength(1);
  });

  it('a reason without need is not written down', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    await scene.agent.confirms({ reason: 'to be sure' });
    expect(scene.last('payment.processing').data.override).toBeUndefined();
  });
});

it('lets two pay with one card at the same moment: neither is in doubt', async () => {
  const first = await aPaymentSession().readyToConfirm().build();
  const answer = later<ChargeOutcome>();
  first.world.gateway.charges = [() => answer.promise];
  const confirming = first.agent.confirms();
  await first.world.settled();
  const second = await another(first.world).readyToConfirm().build();
  expect(await second.agent.confirms()).toMatchObject({ ok: true, value: { status: 'approved' } });
  answer.resolve({ kind: 'approved', authCode: null, token: null });
  expect(await confirming).toMatchObject({ ok: true, value: { status: 'approved' } });
});

it('knows the card of a charge whose answer could not be stored', async () => {
  const first = await aPaymentSession().readyToConfirm().build();
  first.world.gateway.charges = [
    () => {
      first.world.store.failures = 1;
      return lost;
    },
  ];
  await first.agent.confirms();
  first.world.gateway.answers = [lost as never];
  const second = await another(first.world).readyToConfirm().build();
  expect(await second.agent.confirms()).toMatchObject(refused);
});

describe('the tag of a card', () => {
  it('is on the attempt, is of the tenant and mode, and has no digit of the card', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    await scene.agent.confirms();
    const [attempt] = scene.world.store.attempts();
    expect(attempt?.cardTag).toMatch(/^[a-p]{64}$/);
    expect(scene.world.service.read(CALLER, scene.id)).toMatchObject({ ok: true });
    expect(JSON.stringify(scene.session)).not.toContain(attempt?.cardTag);
    expect(JSON.stringify(scene.events)).not.toContain(attempt?.cardTag);
  });
});
