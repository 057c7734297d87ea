import { describe, expect, it } from '@jest/globals';
import type { LegView, Topology } from '@sordino/core';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import { aPaymentSession, type Scene } from '../test-support/payment-session.ts';

const allZero = (scene: Scene): boolean =>
  scene.world.cardBuffers.every((buffer) => buffer.every((byte) => byte === 0));

const leg: LegView = {
  role: 'leg5_in',
  cycle: 1,
  state: 'inviting',
  basis: 'signalled',
  since_ms: 1,
  states: [{ state: 'inviting', at_ms: 1 }],
  reason: null,
  sip: null,
  media: null,
};

describe('the call as the session sees it', () => {
  it('from INVITE to hand-back', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    await scene.agent.confirms();
    await scene.call('restoring', 'approved');
    await scene.call('restored');
    expect(scene.session).toMatchObject({ status: 'approved', topology: 'restored' });
    expect(scene.last('session.engaged').data).toEqual({ gap_ms: 12 });
    expect(scene.last('session.ready').data).toEqual({ lookback_ms: 20 });
    expect(scene.story.slice(-3)).toEqual(['payment.approved', 'session.restoring', 'session.restored']);
    expect(scene.last('session.restored').data).toEqual({ gap_ms: 12 });
    expect(scene.world.store.openSessions()).toEqual([]);
    // Nothing is waited for any more.
    expect(scene.world.clock.pending).toBe(0);
  });

  it('tells each change of a leg', async () => {
    const scene = await aPaymentSession().build();
    await scene.world.tell({ type: 'leg', session: scene.id, leg });
    expect(scene.last('leg.updated').data).toEqual({ leg });
    scene.world.calls.legViews = [leg];
    expect(await scene.world.service.legs({ tenant: 'ten_a', livemode: false }, scene.id)).toEqual({
      ok: true,
      value: { object: 'list', data: [leg], has_more: false },
    });
  });

  it('tells the end of a prompt', async () => {
    const scene = await aPaymentSession().build();
    const ended = { to: 'agent', prompt: 'wait', outcome: 'finished' } as const;
    await scene.world.tell({ type: 'play_ended', session: scene.id, ...ended });
    expect(scene.last('prompt.ended').data).toEqual(ended);
  });

  it('forgets the rendezvous once it was used', async () => {
    const scene = await aPaymentSession().build();
    expect(scene.session.rendezvous).not.toBeNull();
    await scene.becomesReady();
    expect(scene.session.rendezvous).toBeNull();
  });

  it('goes on capturing when the keys come by another road, and says so', async () => {
    const scene = await aPaymentSession().collecting('cvc').build();
    await scene.world.tell({ type: 'transport_unexpected', session: scene.id, transport: 'inband' });
    expect(scene.last('dtmf.transport_unexpected').data).toEqual({ transport: 'inband' });
    expect(scene.last('field.hint').data.code).toBe('transport_unexpected');
    await scene.customer.key('123');
    expect(scene.field('cvc').state).toBe('captured');
  });

  it('takes every report twice without a second event', async () => {
    const scene = await aPaymentSession().build();
    const twice = async (topology: Topology) => {
      await scene.call(topology);
      await scene.call(topology);
    };
    await twice('engaging');
    await twice('engaged');
    for (let again = 0; again < 2; again += 1)
      await scene.world.tell({ type: 'ready', session: scene.id, lookbackMs: 20 });
    await twice('lost');
    for (let again = 0; again < 2; again += 1) await scene.callFails('failed', 'customer_hangup');
    expect(scene.story).toEqual([
      'session.created',
      'session.engaged',
      'session.ready',
      'session.lost',
      'session.failed',
    ]);
  });

  it('ignores what is reported of sessions that it does not have', async () => {
    const scene = await aPaymentSession().build();
    await scene.world.tell({ type: 'ready', session: 'ses_none' as never, lookbackMs: 1 });
    await scene.world.tell({ type: 'topology', session: 'ses_none' as never, topology: 'lost' });
    expect(scene.story).toEqual(['session.created']);
    expect(scene.world.calls.restores).toEqual([]);
  });
});

describe('a failure of the call (design section 7, the API column)', () => {
  it.each([
    ['no INVITE in time', 'expired', 'no_invite', 'session.expired'],
    ['leg 7 refused', 'failed', 'leg7_refused', 'session.failed'],
    ['the platform cancels leg 5', 'canceled', 'leg5_canceled', 'session.canceled'],
    ['no common codec', 'failed', 'no_common_codec', 'session.failed'],
  ] as const)('before the commit point, %s: %s', async (_, outcome, code, event) => {
    const scene = await aPaymentSession().build();
    const where = { leg: 'leg7_out', sip: { status: 603, reason: code } };
    await scene.callFails(outcome, code, where);
    expect(scene.session).toMatchObject({
      status: outcome,
      topology: 'original',
      result: { failure_code: code },
      call_failure: where,
    });
    expect(scene.last(event).data).toEqual({ code, call_safe: true, ...where });
    expect(scene.world.store.openSessions()).toEqual([]);
    expect(scene.world.clock.pending).toBe(0);
    expect(await scene.agent.collects('cvc')).toMatchObject({ ok: false, problem: { code: 'session_over' } });
  });

  it('while engaging is over when the call is where it was', async () => {
    const scene = await aPaymentSession().build();
    await scene.call('engaging');
    await scene.callFails('failed', 'leg7_refused');
    expect(scene.world.store.openSessions()).toHaveLength(1);
    await scene.call('original');
    expect(scene.world.store.openSessions()).toEqual([]);
    expect(scene.session).toMatchObject({ status: 'failed', topology: 'original' });
  });

  it.each([
    ['no customer media', 'failed', 'no_media'],
    ['the agent has left', 'canceled', 'agent_left'],
    ['the acknowledgement was lost', 'failed', 'leg5_ack_lost'],
  ] as const)('engaged, %s: wiped, %s, restored', async (_, status, code) => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('4242 4242');
    await scene.call('restoring', code);
    expect(allZero(scene)).toBe(true);
    expect(scene.session).toMatchObject({ status, topology: 'restoring', result: { failure_code: code } });
    expect(scene.world.calls.collecting.get(scene.id)).toBe(false);
    await scene.callFails(status, code);
    await scene.call('restored');
    expect(scene.story.filter((type) => type === `session.${status}`)).toHaveLength(1);
    expect(scene.story.slice(-3)).toEqual(['session.restoring', `session.${status}`, 'session.restored']);
    expect(scene.world.store.openSessions()).toEqual([]);
  });

  it('is told by the call side alone just as well', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('4242 4242');
    await scene.callFails('failed', 'no_media');
    expect(allZero(scene)).toBe(true);
    expect(scene.session.status).toBe('failed');
    expect(scene.world.store.openSessions()).toHaveLength(1);
    await scene.call('restoring', 'no_media');
    await scene.call('restored');
    expect(scene.world.store.openSessions()).toEqual([]);
  });

  it('the customer hangs up: lost and wiped', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    await scene.call('lost', 'customer_hangup');
    expect(allZero(scene)).toBe(true);
    expect(scene.session).toMatchObject({
      status: 'canceled',
      topology: 'lost',
      result: { failure_code: 'customer_hangup' },
    });
    expect(scene.story.slice(-2)).toEqual(['session.lost', 'session.canceled']);
    expect(scene.last('session.canceled').data).toEqual({ code: 'customer_hangup', call_safe: false });
    expect(await scene.agent.confirms()).toMatchObject({ ok: false, problem: { code: 'session_over' } });
    expect(scene.world.gateway.requests).toEqual([]);
  });

  it('does not touch a charge that is under way: it finishes and stays readable', async () => {
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
    await scene.call('lost', 'customer_hangup');
    await scene.callFails('failed', 'customer_hangup');
    expect(scene.session.status).toBe('processing');
    answer({ kind: 'approved', authCode: 'Z9', token: null });
    expect(await confirming).toMatchObject({ ok: true, value: { status: 'approved', topology: 'lost' } });
    expect(allZero(scene)).toBe(true);
    expect(scene.story.slice(-3)).toEqual(['payment.processing', 'session.lost', 'payment.approved']);
  });

  it('leaves a declined payment declined', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.charges = [() => ({ kind: 'declined', declineCode: 'generic_decline' })];
    await scene.agent.confirms();
    await scene.call('lost', 'customer_hangup');
    expect(scene.session.status).toBe('declined');
    expect(await scene.agent.collects('card_number')).toMatchObject({
      ok: false,
      problem: { httpStatus: 409, code: 'call_handed_back' },
    });
  });

  it('degraded: people go on talking, the payment goes on too', async () => {
    const scene = await aPaymentSession().collecting('cvc').build();
    await scene.call('degraded', 'session_refresh_late');
    expect(scene.last('session.degraded').data).toEqual({ reason: 'session_refresh_late' });
    await scene.customer.key('123');
    expect(scene.field('cvc').state).toBe('captured');
  });
});

const SCENES: Readonly<Record<string, () => Promise<Scene>>> = {
  awaiting_media: () => aPaymentSession().build(),
  ready: () => aPaymentSession().ready().build(),
  collecting: () => aPaymentSession().collecting('cvc').build(),
  ready_to_confirm: () => aPaymentSession().readyToConfirm().build(),
  declined: async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.charges = [() => ({ kind: 'declined', declineCode: 'generic_decline' })];
    await scene.agent.confirms();
    return scene;
  },
};

describe('canceling', () => {
  it.each(Object.entries(SCENES))(
    'a payment that is %s wipes it and hands the call back',
    async (status, build) => {
      const scene = await build();
      expect(scene.session.status).toBe(status);
      expect(await scene.agent.cancels()).toMatchObject({ ok: true, value: { status: 'canceled' } });
      expect(await scene.agent.cancels()).toMatchObject({ ok: true, value: { status: 'canceled' } });
      expect(allZero(scene)).toBe(true);
      expect(scene.world.calls.restores).toEqual([{ session: scene.id, reason: 'canceled' }]);
      expect(scene.story.filter((type) => type === 'session.canceled')).toHaveLength(1);
    },
  );

  it('an approved payment is refused', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    await scene.agent.confirms();
    expect(await scene.agent.cancels()).toMatchObject({
      ok: false,
      problem: { httpStatus: 409, code: 'already_approved' },
    });
  });
});

describe('handing the call back by hand', () => {
  it('keeps the state of the payment, wipes the digits, and ends', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    expect(await scene.agent.restores()).toMatchObject({ ok: true, value: { status: 'ready' } });
    expect(allZero(scene)).toBe(true);
    expect(scene.world.calls.restores).toEqual([{ session: scene.id, reason: 'requested' }]);
    expect(await scene.agent.collects('cvc')).toMatchObject({
      ok: false,
      problem: { code: 'call_handed_back' },
    });
    expect(await scene.agent.confirms()).toMatchObject({
      ok: false,
      problem: { code: 'not_ready_to_confirm' },
    });
    await scene.call('restoring', 'requested');
    await scene.call('restored', 'requested');
    expect(scene.session).toMatchObject({ status: 'ready', topology: 'restored' });
    expect(await scene.agent.restores()).toMatchObject({ ok: true });
    expect(scene.world.calls.restores).toHaveLength(1);
  });

  it('is left to no one: after half an hour the session is closed', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('4242');
    await scene.world.advance(30 * 60_000);
    expect(scene.session).toMatchObject({ status: 'expired', result: { failure_code: 'session_too_old' } });
    expect(allZero(scene)).toBe(true);
    expect(scene.world.calls.restores.map(({ reason }) => reason)).toEqual(['expired']);
  });
});

describe('a store that fails while a call event is worked on', () => {
  it('closes capture and hands the call back: what cannot be recorded may not go on', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('4242');
    scene.world.store.failures = 1;
    await scene.customer.press('4');
    expect(allZero(scene)).toBe(true);
    expect(scene.world.calls.restores.map(({ reason }) => reason)).toEqual(['internal_error']);
    expect(scene.events.map(({ seq }) => seq)).toEqual(scene.events.map((_, at) => at + 1));
  });
});

describe('a listener of events', () => {
  it('that throws starves nobody, and one that left hears nothing', async () => {
    const scene = await aPaymentSession().build();
    const heard: string[] = [];
    scene.world.service.subscribe(scene.id, () => {
      throw new Error('broken pipe');
    });
    const leave = scene.world.service.subscribe(scene.id, ({ type }) => heard.push(type));
    await scene.call('engaged');
    leave();
    leave();
    await scene.call('lost');
    expect(heard).toEqual(['session.engaged']);
    expect(scene.heard.map(({ type }) => type)).toEqual([
      'session.engaged',
      'session.lost',
      'session.failed',
    ]);
  });

  it('can read what it missed, page by page', async () => {
    const scene = await aPaymentSession().ready().build();
    const caller = { tenant: 'ten_a', livemode: false };
    const page = scene.world.service.events(caller, scene.id, 0, 2);
    expect(page).toMatchObject({ ok: true, value: { object: 'list', has_more: true } });
    expect(page.ok && page.value.data.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(scene.world.service.events(caller, scene.id, 2, 2)).toMatchObject({
      ok: true,
      value: { has_more: false },
    });
  });
});
