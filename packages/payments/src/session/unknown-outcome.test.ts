import { describe, expect, it } from '@jest/globals';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import { PLAIN_CAPABILITIES } from '../test-support/charge-trace.ts';
import { later } from '../test-support/later.ts';
import { aPaymentSession, CONNECTOR, type Scene, World } from '../test-support/payment-session.ts';

const lost: ChargeOutcome = { kind: 'unknown', code: 'answer_lost' };
const approved: ChargeOutcome = { kind: 'approved', authCode: 'A1B2C3', token: null, gatewayId: 'ch_1' };
const declined: ChargeOutcome = { kind: 'declined', declineCode: 'generic_decline' };
const MINUTE_MS = 60_000;

const wiped = ({ world }: Scene): boolean =>
  world.cardBuffers.every((buffer) => buffer.every((byte) => byte === 0));

describe('a gateway that gives its first answer again', () => {
  async function confirming(...charges: ChargeOutcome[]) {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.capabilities = { ...PLAIN_CAPABILITIES, replay: true };
    scene.world.gateway.charges = charges.map((outcome) => () => outcome);
    const confirmed = scene.agent.confirms();
    await scene.world.settled();
    return { scene, confirmed, gateway: scene.world.gateway };
  }

  it('is told the same charge after 2, 4 and 8 seconds, with the same key and the same card', async () => {
    const { scene, confirmed, gateway } = await confirming(lost, lost, lost, approved);
    const sentAt: number[] = [];
    for (let second = 0, before = 0; second < 20; second += 1, await scene.world.advance(1_000)) {
      if (gateway.requests.length > before) sentAt.push(second);
      before = gateway.requests.length;
    }
    expect(sentAt).toEqual([0, 2, 6, 14]);
    expect(new Set(gateway.requests.map(({ key }) => key)).size).toBe(1);
    expect(new Set(gateway.cardsSeen.map((card) => JSON.stringify(card))).size).toBe(1);
    expect(await confirmed).toMatchObject({ ok: true, value: { status: 'approved' } });
    expect([gateway.queries, wiped(scene)]).toEqual([[], true]);
  });

  it.each<[string, ChargeOutcome]>([
    ['is not there any more', { kind: 'not_sent', code: 'gateway_unreachable' }],
    ['will not hear of it', { kind: 'failed', code: 'gateway_refused_request' }],
  ])('and then %s has still not said what became of the first', async (_what, again) => {
    const { scene, confirmed } = await confirming(lost, again, again, again);
    await scene.world.advance(14_000);
    expect(await confirmed).toMatchObject({ ok: true, value: { status: 'unknown' } });
    expect(wiped(scene)).toBe(true);
  });

  it('is never told a wiped card: after 20 seconds nothing is sent', async () => {
    const { scene, confirmed, gateway } = await confirming(lost, lost);
    const slow = later<ChargeOutcome>();
    gateway.charges = [() => slow.promise];
    await scene.world.advance(20_000);
    expect(await confirmed).toMatchObject({ ok: true, value: { status: 'unknown' } });
    expect(wiped(scene)).toBe(true);
    slow.resolve(lost);
    await scene.world.advance(10_000);
    expect(gateway.requests).toHaveLength(2);
  });
});

it('takes an answer that comes after it was given up', async () => {
  const scene = await aPaymentSession().readyToConfirm().build();
  const slow = later<ChargeOutcome>();
  scene.world.gateway.charges = [() => slow.promise];
  const confirmed = scene.agent.confirms();
  await scene.world.advance(20_000);
  expect(await confirmed).toMatchObject({ ok: true, value: { status: 'unknown' } });
  slow.resolve(approved);
  await scene.world.settled();
  expect(scene.session.status).toBe('approved');
});

describe('a charge that is undone by its key', () => {
  async function doubted(more: { readonly wanted: boolean }) {
    const scene = await aPaymentSession().readyToConfirm().build();
    const { gateway, reverse } = scene.world;
    if (more.wanted) reverse.add(CONNECTOR);
    gateway.capabilities = { ...PLAIN_CAPABILITIES, cancelByReference: true };
    gateway.charges = [() => lost];
    await scene.agent.confirms();
    return scene;
  }

  it('is so only where the connector is told to', async () => {
    const scene = await doubted({ wanted: false });
    await scene.world.advance(10 * MINUTE_MS);
    expect([scene.session.status, scene.world.gateway.cancels]).toEqual(['unknown', []]);
  });

  it('has failed, a minute after its answer was lost, and its late approval is no news', async () => {
    const scene = await doubted({ wanted: true });
    await scene.world.advance(MINUTE_MS - 1);
    expect(scene.world.gateway.cancels).toEqual([]);
    await scene.world.advance(1);
    expect(scene.session).toMatchObject({ status: 'failed', result: { failure_code: 'charge_reversed' } });
    const [attempt] = scene.world.store.attempts();
    expect(scene.world.gateway.cancels).toMatchObject([{ charge: attempt?.key }]);
    expect(scene.world.store.operations(scene.id)).toMatchObject([
      { kind: 'cancel', state: 'done', why: 'outcome_unknown' },
    ]);
    expect(await told(scene, attempt?.key ?? '', approved)).toBe('taken');
    expect(scene.story.at(-1)).toBe('payment.failed');
    expect(scene.world.store.operations(scene.id)).toHaveLength(1);
  });

  it('stays in doubt while that is in doubt too, with the same key again', async () => {
    const scene = await doubted({ wanted: true });
    scene.world.gateway.stepAnswers = [{ kind: 'unknown', code: 'answer_lost' }];
    await scene.world.advance(MINUTE_MS);
    expect(scene.session.status).toBe('unknown');
    await scene.world.advance(4 * MINUTE_MS);
    expect(scene.session.status).toBe('failed');
    expect(new Set(scene.world.gateway.cancels.map(({ key }) => key)).size).toBe(1);
  });

  it('is stored before it is undone, and undone by the next process', async () => {
    const scene = await doubted({ wanted: true });
    scene.world.gateway.stepAnswers = [new Promise(() => {})];
    await scene.world.advance(MINUTE_MS);
    const [operation] = scene.world.store.operations(scene.id);
    expect(operation).toMatchObject({ kind: 'cancel', state: 'sending' });
    const next = new World({}, scene.world.store);
    next.reverse.add(CONNECTOR);
    next.gateway.capabilities = scene.world.gateway.capabilities;
    await next.service.recover();
    await next.advance(MINUTE_MS);
    expect(next.gateway.cancels.map(({ key }) => key)).toEqual([operation?.key]);
    expect(scene.session.status).toBe('failed');
  });

  it('counts as voided when its approval was told meanwhile', async () => {
    const scene = await doubted({ wanted: true });
    const undone = later<{ kind: 'done'; gatewayId: null }>();
    scene.world.gateway.stepAnswers = [undone.promise];
    await scene.world.advance(MINUTE_MS);
    expect(await told(scene, scene.world.gateway.requests[0]?.key ?? '', approved)).toBe('taken');
    undone.resolve({ kind: 'done', gatewayId: null });
    await scene.world.settled();
    expect(scene.story.slice(-3)).toContain('payment.voided');
    scene.world.gateway.capabilities = { ...scene.world.gateway.capabilities, refund: true };
    expect(await scene.agent.operates('refund', 'r')).toMatchObject({ problem: { code: 'already_voided' } });
  });
});

describe('an approval that comes after it was said otherwise', () => {
  async function failedThenApproved(canVoid: boolean) {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.capabilities = { ...PLAIN_CAPABILITIES, void: canVoid };
    scene.world.gateway.charges = [() => declined];
    await scene.agent.confirms();
    return { scene, key: scene.world.gateway.requests[0]?.key ?? '' };
  }

  it('is voided, and said', async () => {
    const { scene, key } = await failedThenApproved(true);
    expect(await told(scene, key, approved)).toBe('taken');
    expect(scene.story.slice(-2)).toEqual(['payment.attention_needed', 'payment.voided']);
    expect(scene.world.gateway.steps).toMatchObject([{ kind: 'void', gatewayId: 'ch_1', amount: 4_999 }]);
    expect(scene.world.store.attempts()).toMatchObject([{ state: 'declined', approvedLate: true }]);
  });

  it('is voided once, however often it comes', async () => {
    const { scene, key } = await failedThenApproved(true);
    for (const id of ['n1', 'n2', 'n2']) await told(scene, key, approved, id);
    expect(scene.world.gateway.steps).toHaveLength(1);
  });

  it('is told to people where it cannot be voided', async () => {
    const { scene, key } = await failedThenApproved(false);
    await told(scene, key, approved);
    expect(scene.last('payment.attention_needed').data).toMatchObject({
      code: 'approved_late',
      reference: key,
    });
    expect(scene.world.logLines.join()).toContain('refund it');
  });

  it('is told to people when the gateway refuses to void it', async () => {
    const { scene, key } = await failedThenApproved(true);
    scene.world.gateway.stepAnswers = [{ kind: 'refused', code: 'too_late' }];
    await told(scene, key, approved);
    expect(scene.story.slice(-2)).toEqual(['payment.void_failed', 'payment.attention_needed']);
    expect(scene.last('payment.attention_needed').data).toMatchObject({ code: 'late_approval_not_voided' });
  });

  it('goes on being voided while the answer to that is lost, also by the next process', async () => {
    const { scene, key } = await failedThenApproved(true);
    scene.world.gateway.stepAnswers = [{ kind: 'unknown', code: 'answer_lost' }];
    await told(scene, key, approved);
    const next = new World({}, scene.world.store);
    next.gateway.capabilities = scene.world.gateway.capabilities;
    await next.service.recover();
    expect(next.gateway.steps.map((step) => step.key)).toEqual(
      scene.world.gateway.steps.map((step) => step.key),
    );
    expect(scene.world.store.operations(scene.id)).toMatchObject([{ state: 'done' }]);
  });
});

async function told({ world }: Scene, key: string, outcome: ChargeOutcome, id = 'n1'): Promise<string> {
  const body = new TextEncoder().encode(
    JSON.stringify([{ id, about: { key }, tells: { of: 'charge', outcome } }]),
  );
  const result = await world.service.notice(CONNECTOR, { headers: { signature: 'ok' }, body, nowMs: 0 });
  await world.settled();
  return result.kind;
}
