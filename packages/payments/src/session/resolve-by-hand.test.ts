import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import { PLAIN_CAPABILITIES } from '../test-support/charge-trace.ts';
import { aPaymentSession, CALLER, CONNECTOR, type Scene, World } from '../test-support/payment-session.ts';
import type { Finding } from './service.ts';

const DAY_MS = 86_400_000;
const lost: ChargeOutcome = { kind: 'unknown', code: 'answer_lost' };
const approved = (gatewayId: string | null = 'ch_1'): ChargeOutcome => ({
  kind: 'approved',
  authCode: 'A1B2C3',
  token: null,
  gatewayId,
});
const declined: ChargeOutcome = { kind: 'declined', declineCode: 'generic_decline' };
const failed: ChargeOutcome = { kind: 'failed', code: 'x' };

/** A charge of which its gateway says for as long as it is asked that it does not know. */
async function unknownCharge(): Promise<Scene> {
  const scene = await aPaymentSession().readyToConfirm().build();
  scene.world.gateway.charges = [() => lost];
  scene.world.gateway.answers = Array.from({ length: 100 }, () => lost);
  await scene.agent.confirms();
  return scene;
}

async function givenUp(): Promise<Scene> {
  const scene = await unknownCharge();
  await scene.world.advance(DAY_MS);
  return scene;
}

async function tells(world: World, outcome: ChargeOutcome, id = 'n1'): Promise<void> {
  const key = world.store.attempts()[0]?.key ?? '';
  const item = { id, about: { key }, tells: { of: 'charge', outcome } };
  const body = new TextEncoder().encode(JSON.stringify([item]));
  await world.service.notice(CONNECTOR, { headers: { signature: 'ok' }, body, nowMs: 0 });
  await world.settled();
}

const attention = (scene: Scene) =>
  scene.events.filter(({ type }) => type === 'payment.attention_needed').map(({ data }) => data.code);

let scene: Scene;

describe('a charge that stayed unknown', () => {
  beforeEach(async () => {
    scene = await givenUp();
  });

  it.each<[Finding['outcome'], string | null, object]>([
    ['approved', 'ch_9', { auth_code: null, failure_code: null }],
    ['declined', null, { decline_code: 'generic_decline' }],
    ['failed', null, { failure_code: 'resolved_by_hand' }],
  ])(
    'is %s when a person has looked it up, and the event says who looked where',
    async (outcome, gatewayId, result) => {
      expect(scene.story.at(-1)).toBe('payment.attention_needed');
      expect(await scene.agent.resolves(outcome, gatewayId)).toMatchObject({
        ok: true,
        value: { status: outcome, result },
      });
      expect(scene.story.at(-1)).toBe(`payment.${outcome}`);
      expect(scene.last(`payment.${outcome}`).data).toMatchObject({
        reference: scene.world.gateway.requests[0]?.key,
        by_hand: { gateway_id: gatewayId, note: 'seen in the dashboard' },
      });
      expect(scene.world.store.openAttempts()).toEqual([]);
    },
  );

  it('has one outcome: the same again changes nothing, another is refused', async () => {
    await scene.agent.resolves('approved', 'ch_9');
    const before = scene.story.length;
    expect(await scene.agent.resolves('approved', 'ch_9')).toMatchObject({
      ok: true,
      value: { status: 'approved' },
    });
    const others: [Finding['outcome'], string | null][] = [
      ['declined', null],
      ['failed', null],
      ['approved', 'ch_10'],
    ];
    for (const other of others)
      expect(await scene.agent.resolves(...other)).toMatchObject({ problem: { code: 'outcome_known' } });
    expect([scene.session.status, scene.story.length]).toEqual(['approved', before]);
  });

  it('has one outcome also when two people say different ones at once', async () => {
    const both = await Promise.all([
      scene.agent.resolves('declined'),
      scene.agent.resolves('approved', 'ch_9'),
    ]);
    expect(both.map(({ ok }) => ok)).toEqual([true, false]);
    expect(scene.session.status).toBe('declined');
  });

  it('can be refunded by the id that was found', async () => {
    scene.world.gateway.capabilities = { ...PLAIN_CAPABILITIES, refund: true };
    await scene.agent.resolves('approved', 'ch_9');
    expect(await scene.agent.operates('refund', 'k')).toMatchObject({ ok: true, value: { state: 'done' } });
    expect(scene.world.gateway.steps).toMatchObject([{ kind: 'refund', gatewayId: 'ch_9' }]);
  });

  it('is in doubt no more: the same card may be charged again', async () => {
    const again = await aPaymentSession()
      .in(scene.world)
      .with({ call: { platform: 'plt_main', call_id: 'e-92' } })
      .readyToConfirm()
      .build();
    expect(await again.agent.confirms()).toMatchObject({ problem: { code: 'same_card_unknown' } });
    await scene.agent.resolves('failed');
    expect(await again.agent.confirms()).toMatchObject({ ok: true, value: { status: 'approved' } });
  });

  it('can be ended after a restart too, which does not begin the day anew', async () => {
    const next = new World({}, scene.world.store);
    // The charge is some seconds younger than the scene: its fields were keyed first.
    next.clock.advance(DAY_MS + 60_000);
    next.gateway.answers = [lost];
    await next.service.recover();
    expect(
      await next.service.resolve(CALLER, scene.id, { outcome: 'declined', gatewayId: null, note: 'x' }),
    ).toMatchObject({ ok: true, value: { status: 'declined' } });
  });

  it.each(['4242424242424242', 'ch 1', '', 'ü'])('is not ended by the id %s', async (gatewayId) => {
    expect(await scene.agent.resolves('approved', gatewayId)).toMatchObject({
      problem: { httpStatus: 400, param: 'gateway_id', message: expect.not.stringContaining('4242') },
    });
    expect(scene.session.status).toBe('unknown');
  });

  it('is nobody else’s', async () => {
    const stranger = { tenant: 'ten_b', livemode: false };
    const finding = { outcome: 'approved', gatewayId: null, note: 'x' } as const;
    expect(await scene.world.service.resolve(stranger, scene.id, finding)).toMatchObject({
      problem: { code: 'no_such_session' },
    });
  });

  it('stays unknown when that could not be stored', async () => {
    scene.world.store.failures = 1;
    expect(await scene.agent.resolves('approved')).toMatchObject({
      problem: { code: 'storage_unavailable' },
    });
    expect(scene.session.status).toBe('unknown');
    expect(await scene.agent.resolves('approved')).toMatchObject({ ok: true });
  });
});

describe('what the gateway says afterwards', () => {
  beforeEach(async () => {
    scene = await givenUp();
  });

  it.each<[string, Finding['outcome'], ChargeOutcome, string[]]>([
    ['declined, found approved', 'approved', declined, ['reported_otherwise']],
    ['failed, found approved', 'approved', failed, ['reported_otherwise']],
    ['approved under another id', 'approved', approved('ch_other'), ['reported_otherwise']],
    ['approved, as it was found', 'approved', approved('ch_9'), []],
    ['approved, found declined', 'declined', approved(), ['approved_late']],
    ['approved, found failed', 'failed', approved(), ['approved_late']],
    ['declined, found failed', 'failed', declined, []],
    ['nothing new', 'approved', lost, []],
  ])('rewrites nothing and is told to people, once: %s', async (_what, found, word, raised) => {
    await scene.agent.resolves(found, found === 'approved' ? 'ch_9' : null);
    const { length } = attention(scene);
    for (const id of ['n1', 'n2']) await tells(scene.world, word, id);
    expect(attention(scene).slice(length)).toEqual(raised);
    expect(scene.session.status).toBe(found);
  });

  it('is voided where it can be: nobody knows of that money', async () => {
    scene.world.gateway.capabilities = { ...PLAIN_CAPABILITIES, void: true };
    await scene.agent.resolves('declined');
    await tells(scene.world, approved());
    expect(scene.world.gateway.steps).toMatchObject([{ kind: 'void', gatewayId: 'ch_1' }]);
  });
});

describe('a person cannot end', () => {
  it('what the gateway is still being asked about, to the last time', async () => {
    scene = await unknownCharge();
    const refused = { problem: { httpStatus: 409, code: 'still_being_asked', retryable: true } };
    expect(await scene.agent.resolves('approved')).toMatchObject(refused);
    await scene.world.advance(DAY_MS - 1);
    expect(await scene.agent.resolves('approved')).toMatchObject(refused);
    expect(scene.session.status).toBe('unknown');
  });

  it('a charge that is under way', async () => {
    scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.charges = [() => new Promise(() => {})];
    void scene.agent.confirms();
    await scene.world.settled();
    expect(await scene.agent.resolves('approved')).toMatchObject({ problem: { code: 'outcome_known' } });
  });

  it.each<[string, ChargeOutcome]>([
    ['approved', approved()],
    ['declined', declined],
    ['failed', failed],
  ])('a charge that the gateway has %s', async (status, outcome) => {
    scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.charges = [() => outcome];
    await scene.agent.confirms();
    expect(await scene.agent.resolves(status === 'approved' ? 'declined' : 'approved')).toMatchObject({
      problem: { code: 'outcome_known', message: expect.stringContaining(status) },
    });
  });

  it('a session without a charge', async () => {
    scene = await aPaymentSession().ready().build();
    expect(await scene.agent.resolves('approved')).toMatchObject({ problem: { code: 'outcome_known' } });
  });
});
