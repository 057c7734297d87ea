import { describe, expect, it } from '@jest/globals';
import type { FollowUpOutcome } from '../gateways/outcome.ts';
import { PLAIN_CAPABILITIES } from '../test-support/charge-trace.ts';
import { later } from '../test-support/later.ts';
import { aPaymentSession, CALLER, CONNECTOR, type Scene, World } from '../test-support/payment-session.ts';

const ABLE = { ...PLAIN_CAPABILITIES, settle: true, partialSettle: true, void: true, refund: true };
const lost: FollowUpOutcome = { kind: 'unknown', code: 'answer_lost' };
const problem = (code: string) => ({ ok: false, problem: { code } });
const state = (value: string) => ({ ok: true, value: { state: value } });

async function paid(
  type: 'charge' | 'authorize' | 'tokenize' = 'charge',
  capabilities = ABLE,
): Promise<Scene> {
  const world = new World();
  world.gateway.capabilities = capabilities;
  world.gateway.charges = [() => ({ kind: 'approved', authCode: 'A1B2C3', token: null, gatewayId: 'ch_1' })];
  const scene = await aPaymentSession()
    .in(world)
    .with({ intent: { type, amount: 4_999, currency: 'gbp' } })
    .readyToConfirm()
    .build();
  await scene.agent.confirms();
  return scene;
}

describe('a step after a charge', () => {
  it.each([
    ['settle', 'authorize', 'payment.settled'],
    ['void', 'authorize', 'payment.voided'],
    ['void', 'charge', 'payment.voided'],
    ['refund', 'charge', 'payment.refunded'],
  ] as const)('%s of an %s is stored before it is sent, done, and told', async (kind, type, event) => {
    const scene = await paid(type);
    const answer = later<FollowUpOutcome>();
    scene.world.gateway.stepAnswers = [answer.promise];
    const asked = scene.agent.operates(kind, 'k1');
    await scene.world.settled();
    const [step] = scene.world.gateway.steps;
    expect(scene.world.store.operations(scene.id)).toMatchObject([
      { kind, state: 'sending', key: step?.key },
    ]);
    expect(step).toMatchObject({ kind, gatewayId: 'ch_1', amount: 4_999, charge: { currency: 'gbp' } });
    answer.resolve({ kind: 'done', gatewayId: 'x_1' });
    expect(await asked).toMatchObject({
      ok: true,
      value: { object: 'operation', kind, state: 'done', amount: 4_999 },
    });
    expect(scene.last(event).data).toMatchObject({ amount: 4_999, currency: 'gbp' });
    expect(scene.world.service.operations(CALLER, scene.id)).toMatchObject({
      value: { data: [{ state: 'done' }] },
    });
  });

  it('asked for twice with one key is done once, also by the next process', async () => {
    const scene = await paid();
    const first = await scene.agent.operates('refund', 'k1', 1_000);
    expect(await scene.agent.operates('refund', 'k1', 1_000)).toEqual(first);
    const next = new World({}, scene.world.store);
    next.gateway.capabilities = ABLE;
    expect(await next.service.operate(CALLER, scene.id, 'refund', { key: 'k1', amount: 1_000 })).toEqual(
      first,
    );
    expect([scene.world.gateway.steps.length, next.gateway.steps.length]).toEqual([1, 0]);
  });

  it('with the key of another amount is refused', async () => {
    const scene = await paid();
    await scene.agent.operates('refund', 'k1', 1_000);
    expect(await scene.agent.operates('refund', 'k1', 2_000)).toMatchObject({
      ok: false,
      problem: { httpStatus: 422, type: 'idempotency_error', code: 'idempotency_key_reused' },
    });
  });

  it('that never left is asked for again, with the same key too', async () => {
    const scene = await paid();
    scene.world.gateway.stepAnswers = [{ kind: 'not_sent', code: 'gateway_unreachable' }];
    expect(await scene.agent.operates('refund', 'k1')).toMatchObject(problem('gateway_unreachable'));
    expect(await scene.agent.operates('refund', 'k1')).toMatchObject(state('done'));
  });

  it('that is refused says why, and leaves the money where it is', async () => {
    const scene = await paid();
    scene.world.gateway.stepAnswers = [{ kind: 'refused', code: 'balance_too_low' }];
    expect(await scene.agent.operates('refund', 'k1')).toMatchObject({
      ok: true,
      value: { state: 'refused', code: 'balance_too_low' },
    });
    expect(scene.last('payment.refund_failed').data).toMatchObject({ failure_code: 'balance_too_low' });
    expect(await scene.agent.operates('refund', 'k2')).toMatchObject(state('done'));
  });

  it('is not sent when it cannot be stored', async () => {
    const scene = await paid();
    scene.world.store.failures = 1;
    expect(await scene.agent.operates('refund', 'k1')).toMatchObject(problem('storage_unavailable'));
    expect(scene.world.gateway.steps).toEqual([]);
  });

  it('of a foreign tenant does not exist', async () => {
    const scene = await paid();
    const stranger = { tenant: 'ten_b', livemode: false };
    expect(await scene.world.service.operate(stranger, scene.id, 'refund', { key: 'k' })).toMatchObject(
      problem('no_such_session'),
    );
    expect(scene.world.service.operations(stranger, scene.id)).toMatchObject(problem('no_such_session'));
  });
});

describe('a step whose answer was lost', () => {
  it('is said again with its key until the outcome is known, and nothing else may be done meanwhile', async () => {
    const scene = await paid();
    scene.world.gateway.stepAnswers = [lost, lost, { kind: 'not_sent', code: 'gateway_unreachable' }];
    expect(await scene.agent.operates('refund', 'k1', 1_000)).toMatchObject(state('unknown'));
    expect(await scene.agent.operates('refund', 'k2', 1_000)).toMatchObject(problem('operation_unknown'));
    await scene.world.advance(3_000);
    expect(scene.world.store.operations(scene.id)).toMatchObject([{ state: 'unknown' }]);
    await scene.world.advance(4_000);
    expect(scene.world.store.operations(scene.id)).toMatchObject([{ state: 'done' }]);
    expect(new Set(scene.world.gateway.steps.map(({ key }) => key)).size).toBe(1);
    expect(scene.story.filter((type) => type === 'payment.refunded')).toHaveLength(1);
  });

  it('is found out by the next process', async () => {
    const scene = await paid();
    scene.world.gateway.stepAnswers = [new Promise(() => {})];
    void scene.agent.operates('refund', 'k1');
    await scene.world.settled();
    const next = new World({}, scene.world.store);
    next.gateway.capabilities = ABLE;
    next.gateway.stepAnswers = [{ kind: 'not_sent', code: 'gateway_unreachable' }];
    expect(await next.service.recover()).toMatchObject({ operationsStillUnknown: 1 });
    expect(scene.world.store.operations(scene.id)).toMatchObject([{ state: 'unknown' }]);
    await next.advance(1_000);
    expect(scene.world.store.operations(scene.id)).toMatchObject([{ state: 'done' }]);
    expect(next.gateway.steps.map(({ key }) => key)).toEqual(
      [0, 1].map(() => scene.world.gateway.steps[0]?.key),
    );
  });

  it('is given up after 20 seconds, and after a day a person has to look', async () => {
    const scene = await paid();
    scene.world.gateway.stepAnswers = [new Promise(() => {}), ...Array.from({ length: 30 }, () => lost)];
    const asked = scene.agent.operates('refund', 'k1');
    await scene.world.advance(20_000);
    expect(await asked).toMatchObject(state('unknown'));
    await scene.world.advance(24 * 3_600_000);
    expect(scene.last('payment.attention_needed').data).toMatchObject({ code: 'operation_still_unknown' });
    expect(scene.world.store.operations(scene.id)).toMatchObject([{ state: 'unknown' }]);
  });
});

describe('what may be done with the money', () => {
  it('never goes back more than was taken', async () => {
    const scene = await paid();
    expect(await scene.agent.operates('refund', 'a', 3_000)).toMatchObject(state('done'));
    expect(await scene.agent.operates('refund', 'b', 2_000)).toMatchObject(problem('refund_exceeds_charge'));
    expect(await scene.agent.operates('refund', 'c')).toMatchObject({ ok: true, value: { amount: 1_999 } });
    expect(await scene.agent.operates('refund', 'd', 1)).toMatchObject(problem('already_refunded'));
    expect(scene.world.gateway.steps).toHaveLength(2);
  });

  it('a hundred refunds at once are one', async () => {
    const scene = await paid();
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, n) => scene.agent.operates('refund', `k${n}`)),
    );
    expect(all.filter(({ ok }) => ok)).toHaveLength(1);
    expect(scene.world.gateway.steps).toHaveLength(1);
  });

  it('is settled once, and then refunded up to what was settled', async () => {
    const scene = await paid('authorize');
    expect(await scene.agent.operates('refund', 'a')).toMatchObject(problem('not_settled'));
    expect(await scene.agent.operates('settle', 'b', 5_000)).toMatchObject(problem('amount_out_of_range'));
    expect(await scene.agent.operates('settle', 'c', 4_000)).toMatchObject(state('done'));
    expect(await scene.agent.operates('settle', 'd', 999)).toMatchObject(problem('already_settled'));
    expect(await scene.agent.operates('void', 'e')).toMatchObject(problem('already_settled'));
    expect(await scene.agent.operates('refund', 'f', 4_001)).toMatchObject(problem('refund_exceeds_charge'));
    expect(await scene.agent.operates('refund', 'g')).toMatchObject({ ok: true, value: { amount: 4_000 } });
  });

  it('once voided does not move', async () => {
    const scene = await paid('authorize');
    expect(await scene.agent.operates('void', 'a', 10)).toMatchObject(problem('partial_unsupported'));
    expect(await scene.agent.operates('void', 'b')).toMatchObject(state('done'));
    for (const kind of ['settle', 'void', 'refund'] as const)
      expect(await scene.agent.operates(kind, `${kind}-c`)).toMatchObject(problem('already_voided'));
  });

  it.each([
    ['a refund before', 'refund', 'void', 'already_refunded'],
    ['nothing to settle', undefined, 'settle', 'already_settled'],
  ] as const)('of a charge with %s', async (_what, before, kind, code) => {
    const scene = await paid();
    if (before) await scene.agent.operates(before, 'a', 1);
    expect(await scene.agent.operates(kind, 'b')).toMatchObject(problem(code));
  });

  it('is nothing before it is taken, and nothing of a card that was only saved', async () => {
    const open = await aPaymentSession().readyToConfirm().build();
    expect(await open.agent.operates('refund', 'a')).toMatchObject(problem('not_approved'));
    const saved = await paid('tokenize');
    expect(await saved.agent.operates('refund', 'a')).toMatchObject(problem('nothing_charged'));
  });

  it.each([
    ['settle', 'authorize', {}, 'unsupported_by_connector'],
    ['void', 'charge', {}, 'unsupported_by_connector'],
    ['refund', 'charge', {}, 'unsupported_by_connector'],
    ['settle', 'authorize', { settle: true }, 'partial_unsupported'],
  ] as const)('is only what the connector can: %s of an %s with %o', async (kind, type, can, code) => {
    const scene = await paid(type, { ...PLAIN_CAPABILITIES, ...can });
    expect(await scene.agent.operates(kind, 'a', 100)).toMatchObject({
      ok: false,
      problem: { httpStatus: 400, type: 'invalid_request_error', code },
    });
    expect(scene.world.gateway.steps).toEqual([]);
  });

  it.each([0, -1, 1.5, Number.NaN])('is not %d', async (amount) => {
    const scene = await paid();
    expect(await scene.agent.operates('refund', 'a', amount)).toMatchObject(problem('amount_out_of_range'));
  });

  it('needs the name that the gateway gave the charge', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.capabilities = ABLE;
    await scene.agent.confirms();
    expect(await scene.agent.operates('refund', 'a')).toMatchObject(problem('charge_without_gateway_id'));
  });
});

describe('a step that the gateway only takes', () => {
  const tell = async (
    { world }: Scene,
    id: string,
    of: string,
    outcome: FollowUpOutcome,
    key: string | null = null,
  ) => {
    const items = [{ id, about: { gatewayId: 'ch_1' }, tells: { of, key, outcome } }];
    const body = new TextEncoder().encode(JSON.stringify(items));
    await world.service.notice(CONNECTOR, { headers: { signature: 'ok' }, body, nowMs: 0 });
    await world.settled();
  };

  it('is done when the notice says so, and counts as done until then', async () => {
    const scene = await paid();
    scene.world.gateway.stepAnswers = [{ kind: 'pending', gatewayId: null }];
    expect(await scene.agent.operates('refund', 'a', 4_000)).toMatchObject(state('pending'));
    expect(await scene.agent.operates('refund', 'b', 1_000)).toMatchObject(problem('refund_exceeds_charge'));
    await tell(scene, 'n1', 'refund', { kind: 'done', gatewayId: 're_1' });
    expect(scene.world.store.operations(scene.id)).toMatchObject([{ state: 'done', gatewayId: 're_1' }]);
    expect(scene.story.at(-1)).toBe('payment.refunded');
  });

  it('is refused when the notice says so, and may be tried again', async () => {
    const scene = await paid();
    scene.world.gateway.stepAnswers = [{ kind: 'pending', gatewayId: null }];
    await scene.agent.operates('refund', 'a');
    await tell(scene, 'n1', 'refund', { kind: 'refused', code: 'expired' });
    expect(scene.story.at(-1)).toBe('payment.refund_failed');
    expect(await scene.agent.operates('refund', 'b')).toMatchObject(state('done'));
  });

  it('is named by its key where the gateway repeats it', async () => {
    const scene = await paid();
    scene.world.gateway.stepAnswers = Array.from(
      { length: 2 },
      () => ({ kind: 'pending', gatewayId: null }) as const,
    );
    await scene.agent.operates('refund', 'a', 100);
    await scene.agent.operates('refund', 'b', 100);
    await tell(
      scene,
      'n1',
      'refund',
      { kind: 'done', gatewayId: 're_2' },
      scene.world.gateway.steps[1]?.key ?? '',
    );
    expect(scene.world.store.operations(scene.id).map((each) => each.state)).toEqual(['pending', 'done']);
  });

  it('is found where the gateway names the charge instead of the step', async () => {
    const scene = await paid();
    scene.world.gateway.stepAnswers = [{ kind: 'pending', gatewayId: null }];
    await scene.agent.operates('refund', 'a', 100);
    const charge = scene.world.store.attemptByGatewayId(CONNECTOR, 'ch_1')?.key ?? '';
    await tell(scene, 'n1', 'refund', { kind: 'done', gatewayId: 're_1' }, charge);
    expect(scene.world.store.operations(scene.id)).toMatchObject([{ state: 'done', gatewayId: 're_1' }]);
  });

  it('that is done is not undone by a later word: somebody has to look', async () => {
    const scene = await paid();
    await scene.agent.operates('refund', 'a');
    await tell(scene, 'n1', 'refund', { kind: 'refused', code: 'bank_rejected' });
    expect(scene.world.store.operations(scene.id)).toMatchObject([{ state: 'done' }]);
    expect(scene.last('payment.attention_needed').data).toMatchObject({ code: 'reported_otherwise' });
  });

  it('that was made elsewhere is only written down', async () => {
    const scene = await paid();
    await tell(scene, 'n1', 'refund', { kind: 'done', gatewayId: 're_1' });
    expect(scene.world.store.operations(scene.id)).toEqual([]);
    expect(scene.world.logLines.join()).toContain('not made here');
  });
});
