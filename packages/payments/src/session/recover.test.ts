import { describe, expect, it } from '@jest/globals';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import { InMemoryStore } from '../test-support/in-memory-store.ts';
import { aPaymentSession, CALLER, World } from '../test-support/payment-session.ts';

/** The process dies; another starts over the same store. */
const restarted = (store: InMemoryStore): World => new World({}, store);

async function diedWhileCharging() {
  const scene = await aPaymentSession().readyToConfirm().build();
  scene.world.gateway.charges = [() => new Promise<ChargeOutcome>(() => {})];
  void scene.agent.confirms();
  await scene.world.settled();
  expect(scene.session.status).toBe('processing');
  return scene;
}

describe('a restart', () => {
  it('closes sessions that were being collected and hands their calls back', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('4242');
    const world = restarted(scene.world.store);
    expect(await world.service.recover()).toEqual({
      sessionsClosed: 1,
      attemptsResolved: 0,
      attemptsStillUnknown: 0,
      operationsStillUnknown: 0,
    });
    expect(world.service.read(CALLER, scene.id)).toMatchObject({
      ok: true,
      value: { status: 'failed', topology: 'lost', result: { failure_code: 'interrupted' } },
    });
    expect(scene.story.slice(-2)).toEqual(['session.failed', 'session.lost']);
    expect(scene.events.map(({ seq }) => seq)).toEqual(scene.events.map((_, at) => at + 1));
    expect(world.calls.restores).toEqual([{ session: scene.id, reason: 'interrupted' }]);
    expect(await world.service.recover()).toMatchObject({ sessionsClosed: 0 });
  });

  it('tells of a call that somebody has handed back meanwhile as restored, and not as lost', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    const world = restarted(scene.world.store);
    await world.service.recover(new Set([scene.id, 'ses_of_nobody']));
    expect(world.service.read(CALLER, scene.id)).toMatchObject({
      ok: true,
      value: { status: 'failed', topology: 'restored', result: { failure_code: 'interrupted' } },
    });
    expect(scene.story.slice(-2)).toEqual(['session.failed', 'session.restored']);
    expect(world.store.openSessions()).toEqual([]);
  });

  it('closes only those that it is told of, where they were of a process that is gone', async () => {
    const here = await aPaymentSession().collecting('card_number').build();
    const { world } = here;
    const theirs = restarted(world.store);
    expect(await theirs.service.recover(new Set(), new Set())).toMatchObject({ sessionsClosed: 0 });
    expect(here.session.status).toBe('collecting');
    expect(await theirs.service.recover(new Set(), new Set([here.id]))).toMatchObject({ sessionsClosed: 1 });
    expect(here.session.status).toBe('failed');
  });

  it('waits for the hand-back of a call that is still here', async () => {
    const scene = await aPaymentSession().ready().build();
    const world = restarted(scene.world.store);
    world.calls.legViews = [
      {
        role: 'leg5_in',
        cycle: 1,
        state: 'confirmed',
        basis: 'signalled',
        since_ms: 1,
        states: [],
        reason: null,
        sip: null,
        media: null,
      },
    ];
    await world.service.recover();
    expect(world.store.openSessions()).toHaveLength(1);
    await world.tell({ type: 'topology', session: scene.id, topology: 'restored' });
    expect(world.store.openSessions()).toEqual([]);
    expect(scene.session).toMatchObject({ status: 'failed', topology: 'restored' });
  });

  it.each<[string, ChargeOutcome, string]>([
    ['approved', { kind: 'approved', authCode: 'A1', token: null }, 'approved'],
    ['declined', { kind: 'declined', declineCode: 'generic_decline' }, 'declined'],
  ])('finds out that an unfinished charge was %s', async (_, answer, status) => {
    const scene = await diedWhileCharging();
    const world = restarted(scene.world.store);
    world.gateway.answers = [answer];
    expect(await world.service.recover()).toMatchObject({ attemptsResolved: 1, attemptsStillUnknown: 0 });
    expect(world.service.read(CALLER, scene.id)).toMatchObject({ ok: true, value: { status } });
    expect(world.gateway.queries).toEqual([scene.world.gateway.requests[0]?.key]);
    expect(world.gateway.requests).toEqual([]);
  });

  it('goes on asking when the gateway does not know yet, and never sends again', async () => {
    const scene = await diedWhileCharging();
    const world = restarted(scene.world.store);
    world.gateway.answers = [{ kind: 'not_found' }, { kind: 'approved', authCode: 'A1', token: null }];
    expect(await world.service.recover()).toMatchObject({ attemptsResolved: 0, attemptsStillUnknown: 1 });
    expect(scene.last('payment.unknown').data).toMatchObject({
      reference: scene.world.gateway.requests[0]?.key,
    });
    await world.advance(1_000);
    expect(world.service.read(CALLER, scene.id)).toMatchObject({ ok: true, value: { status: 'approved' } });
    expect(world.gateway.requests).toEqual([]);
  });

  it('opens no digits again: keys and confirms of old sessions are refused', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    const world = restarted(scene.world.store);
    await world.service.recover();
    expect(await world.service.confirm(CALLER, scene.id)).toMatchObject({
      ok: false,
      problem: { httpStatus: 409 },
    });
    expect(world.gateway.requests).toEqual([]);
  });

  it('leaves finished sessions alone', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    await scene.agent.confirms();
    await scene.call('restored');
    const before = scene.world.store.changes.length;
    const world = restarted(scene.world.store);
    expect(await world.service.recover()).toEqual({
      sessionsClosed: 0,
      attemptsResolved: 0,
      attemptsStillUnknown: 0,
      operationsStillUnknown: 0,
    });
    expect(world.store.changes).toHaveLength(before);
  });

  it('has nothing to do on an empty store', async () => {
    expect(await restarted(new InMemoryStore()).service.recover()).toEqual({
      sessionsClosed: 0,
      attemptsResolved: 0,
      attemptsStillUnknown: 0,
      operationsStillUnknown: 0,
    });
  });
});

describe('closing', () => {
  it('wipes all digits, stops all timers and waits for the charge under way', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    let answer: (outcome: ChargeOutcome) => void = () => {};
    scene.world.gateway.charges = [
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    ];
    const confirming = scene.agent.confirms();
    await scene.world.settled();
    const closing = scene.world.service.close();
    answer({ kind: 'unknown', code: 'answer_lost' });
    await closing;
    expect(await confirming).toMatchObject({ ok: true, value: { status: 'unknown' } });
    expect(scene.world.clock.pending).toBe(0);
    for (const buffer of scene.world.cardBuffers) expect(buffer.every((byte) => byte === 0)).toBe(true);
  });
});
