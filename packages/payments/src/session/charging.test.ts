import { describe, expect, it } from '@jest/globals';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import { aPaymentSession, type Scene } from '../test-support/payment-session.ts';

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

/** A gateway that answers when the scene says so. */
function answerLater(scene: Scene) {
  let answer: (outcome: ChargeOutcome) => void = () => {};
  scene.world.gateway.charges = [
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  ];
  return (outcome: ChargeOutcome) => answer(outcome);
}

const approved: ChargeOutcome = { kind: 'approved', authCode: 'A1B2C3', token: null };

describe('confirming', () => {
  it('charges the card once, tells the agent the code and hands the call back', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    const confirmed = await scene.agent.confirms();
    expect(confirmed).toMatchObject({
      ok: true,
      value: { status: 'approved', result: { auth_code: 'A1B2C3', token: 'tok_9', decline_code: null } },
    });
    expect(scene.world.gateway.requests).toEqual([
      {
        key: expect.stringMatching(/^chg_[0-9a-z]{26}$/),
        type: 'charge',
        amount: 4999,
        currency: 'gbp',
        reference: 'INV-7',
      },
    ]);
    const [card] = scene.world.gateway.cardsSeen;
    expect([text(card?.number), text(card?.expiry), text(card?.cvc), text(card?.postalCode)]).toEqual([
      '4242424242424242',
      '1230',
      '123',
      '',
    ]);
    expect(scene.story.slice(-2)).toEqual(['payment.processing', 'payment.approved']);
    expect(scene.world.calls.restores).toEqual([{ session: scene.id, reason: 'approved' }]);
    expect(scene.field('cvc')).toMatchObject({ state: 'wiped', length: 0 });
    expect(scene.field('card_number')).toMatchObject({ state: 'wiped', brand: 'visa', last4: '4242' });
  });

  it('stores the attempt before the gateway hears of it', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    let stored: unknown;
    scene.world.gateway.charges = [
      () => {
        stored = scene.world.store.attempts().map(({ state, key }) => ({ state, key }));
        return approved;
      },
    ];
    await scene.agent.confirms();
    expect(stored).toEqual([{ state: 'sending', key: scene.world.gateway.requests[0]?.key }]);
    expect(scene.world.store.attempts()).toMatchObject([
      { state: 'approved', result: { authCode: 'A1B2C3' } },
    ]);
  });

  it('sends nothing when the attempt cannot be stored', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.store.failures = 1;
    expect(await scene.agent.confirms()).toMatchObject({
      ok: false,
      problem: { httpStatus: 503, code: 'storage_unavailable', retryable: true },
    });
    expect(scene.world.gateway.requests).toEqual([]);
    expect(scene.session.status).toBe('ready_to_confirm');
    expect(await scene.agent.confirms()).toMatchObject({ ok: true, value: { status: 'approved' } });
  });

  it('before all fields are captured names what is missing', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.key('4242 4242 4242 4242');
    const confirmed = await scene.agent.confirms();
    expect(confirmed).toMatchObject({
      ok: false,
      problem: { httpStatus: 409, code: 'not_ready_to_confirm' },
    });
    expect(!confirmed.ok && confirmed.problem.message).toContain('expiry, cvc');
  });

  it('twice charges once: while the first is under way and after it', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    const answer = answerLater(scene);
    const first = scene.agent.confirms();
    await scene.world.settled();
    expect(await scene.agent.confirms()).toMatchObject({
      ok: false,
      problem: { httpStatus: 409, code: 'charge_in_progress' },
    });
    answer(approved);
    expect(await first).toMatchObject({ ok: true, value: { status: 'approved' } });
    expect(await scene.agent.confirms()).toMatchObject({ ok: true, value: { status: 'approved' } });
    expect(scene.world.gateway.requests).toHaveLength(1);
  });

  it('a hundred times at once charges once', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    const all = await Promise.all(Array.from({ length: 100 }, () => scene.agent.confirms()));
    expect(scene.world.gateway.requests).toHaveLength(1);
    expect(scene.world.store.attempts()).toHaveLength(1);
    expect(all.filter(({ ok }) => ok)).not.toHaveLength(0);
  });

  it('lets nothing else happen to the payment meanwhile', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    const answer = answerLater(scene);
    const confirming = scene.agent.confirms();
    await scene.world.settled();
    const refused = { ok: false, problem: { httpStatus: 409, code: 'charge_in_progress' } };
    expect(await scene.agent.collects('cvc')).toMatchObject(refused);
    expect(await scene.agent.clears('cvc', 1)).toMatchObject(refused);
    expect(await scene.agent.cancels()).toMatchObject(refused);
    answer(approved);
    await confirming;
    expect(scene.session.status).toBe('approved');
  });
});

describe('a declined card', () => {
  const declined: ChargeOutcome = { kind: 'declined', declineCode: 'insufficient_funds' };

  it('leaves the call where it is and takes another card', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.charges = [() => declined];
    expect(await scene.agent.confirms()).toMatchObject({
      ok: true,
      value: { status: 'declined', result: { decline_code: 'insufficient_funds', auth_code: null } },
    });
    expect(scene.world.calls.restores).toEqual([]);
    expect(scene.session.fields.map(({ state, last4 }) => [state, last4])).toEqual([
      ['empty', null],
      ['empty', null],
      ['empty', null],
    ]);
    for (const [field, keys] of [
      ['card_number', '5555555555554444'],
      ['expiry', '0131'],
      ['cvc', '999'],
    ] as const) {
      await scene.agent.collects(field);
      expect(scene.session.status).toBe('collecting');
      await scene.customer.press(keys);
    }
    expect(await scene.agent.confirms()).toMatchObject({
      ok: true,
      value: { status: 'approved', result: { decline_code: null, auth_code: 'A1B2C3' } },
    });
    const keys = scene.world.gateway.requests.map(({ key }) => key);
    expect(new Set(keys).size).toBe(2);
  });

  it('is wiped at once', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.charges = [() => declined];
    await scene.agent.confirms();
    for (const buffer of scene.world.cardBuffers) expect(buffer.every((byte) => byte === 0)).toBe(true);
    expect(await scene.agent.confirms()).toMatchObject({
      ok: false,
      problem: { code: 'not_ready_to_confirm' },
    });
  });

  it.each([
    ['bad_cvv', 'fix_field', 'incorrect_cvc', ['incorrect_cvc', 'bad_cvv', 'fix_field']],
    ['lost_stolen', 'never', 'pickup_card', ['generic_decline', 'other', 'other_card']],
    ['fraud_block', 'never', 'fraudulent', ['generic_decline', 'other', 'other_card']],
  ] as const)(
    'for %s tells the agent no more than an agent may know',
    async (category, retry, raw, shown) => {
      const scene = await aPaymentSession().readyToConfirm().build();
      scene.world.gateway.charges = [
        () => ({ kind: 'declined', declineCode: raw, advice: { category, retry, raw } }),
      ];
      await scene.agent.confirms();
      const { decline_code, decline_category, retry: advised } = scene.session.result;
      expect([decline_code, decline_category, advised]).toEqual(shown);
      const told = scene.last('payment.declined').data;
      expect([told.decline_code, told.decline_category, told.retry]).toEqual(shown);
      expect(scene.world.store.attempts()[0]?.advice).toEqual({ category, retry, raw });
    },
  );

  it('may not be followed by card after card', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.charges = Array.from({ length: 5 }, () => () => declined);
    for (let card = 0; card < 5; card += 1) {
      await scene.agent.confirms();
      for (const [field, keys] of [
        ['card_number', '5555555555554444'],
        ['expiry', '0131'],
        ['cvc', '999'],
      ] as const) {
        await scene.agent.collects(field);
        await scene.customer.press(keys);
      }
    }
    expect(await scene.agent.confirms()).toMatchObject({
      ok: false,
      problem: { httpStatus: 409, code: 'too_many_charges' },
    });
    expect(scene.world.gateway.requests).toHaveLength(5);
  });
});

describe('a gateway that cannot be reached', () => {
  it('has charged nothing, so the agent may confirm again', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.charges = [() => ({ kind: 'not_sent', code: 'gateway_unreachable' })];
    expect(await scene.agent.confirms()).toMatchObject({
      ok: false,
      problem: { httpStatus: 503, type: 'connector_error', code: 'gateway_unreachable', retryable: true },
    });
    expect(scene.session.status).toBe('ready_to_confirm');
    expect(scene.last('session.ready_to_confirm').data).toEqual({
      failure_code: 'gateway_unreachable',
      retryable: true,
    });
    expect(await scene.agent.confirms()).toMatchObject({ ok: true, value: { status: 'approved' } });
    expect(scene.world.store.attempts().map(({ state }) => state)).toEqual(['not_sent', 'approved']);
  });

  it('fails the payment when the card is gone by then', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    const answer = answerLater(scene);
    const confirming = scene.agent.confirms();
    await scene.world.settled();
    await scene.call('lost', 'customer_hangup');
    answer({ kind: 'not_sent', code: 'gateway_unreachable' });
    expect(await confirming).toMatchObject({ ok: true, value: { status: 'failed' } });
  });
});

describe('a gateway that refuses', () => {
  it('fails the payment and hands the call back', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.charges = [() => ({ kind: 'failed', code: 'moto_not_enabled' })];
    expect(await scene.agent.confirms()).toMatchObject({
      ok: true,
      value: { status: 'failed', result: { failure_code: 'moto_not_enabled' } },
    });
    expect(scene.story.at(-1)).toBe('payment.failed');
    expect(scene.world.calls.restores.map(({ reason }) => reason)).toEqual(['failed']);
  });
});

describe('an outcome that is not known', () => {
  const lost: ChargeOutcome = { kind: 'unknown', code: 'answer_lost' };

  async function aLostAnswer() {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.charges = [() => lost];
    expect(await scene.agent.confirms()).toMatchObject({ ok: true, value: { status: 'unknown' } });
    return scene;
  }

  it('tells the agent not to take the payment again, and by which reference to look it up', async () => {
    const scene = await aLostAnswer();
    const reference = scene.world.gateway.requests[0]?.key;
    expect(scene.last('payment.unknown').data).toMatchObject({ reference, failure_code: 'answer_lost' });
    expect(scene.last('payment.unknown').data.message).toContain('do not take the payment again');
    for (const buffer of scene.world.cardBuffers) expect(buffer.every((byte) => byte === 0)).toBe(true);
  });

  it('is asked for after 1, 2, 4, 8 … seconds, and never sent again', async () => {
    const scene = await aLostAnswer();
    const askedAt: number[] = [];
    for (let second = 1; second <= 60; second += 1) {
      const before = scene.world.gateway.queries.length;
      await scene.world.advance(1_000);
      if (scene.world.gateway.queries.length > before) askedAt.push(second);
    }
    expect(askedAt).toEqual([1, 3, 7, 15, 30, 60]);
    expect(new Set(scene.world.gateway.queries)).toEqual(new Set([scene.world.gateway.requests[0]?.key]));
    expect(scene.world.gateway.requests).toHaveLength(1);
  });

  it('that turns out approved ends like any approval', async () => {
    const scene = await aLostAnswer();
    scene.world.gateway.answers = [{ kind: 'not_found' }, approved];
    await scene.world.advance(1_000);
    expect(scene.session.status).toBe('unknown');
    await scene.world.advance(2_000);
    expect(scene.session).toMatchObject({ status: 'approved', result: { auth_code: 'A1B2C3' } });
    expect(scene.world.calls.restores.map(({ reason }) => reason)).toEqual(['approved']);
    expect(scene.story.slice(-2)).toEqual(['payment.unknown', 'payment.approved']);
    await scene.world.advance(60_000);
    expect(scene.world.gateway.queries).toHaveLength(2);
  });

  it('that turns out declined takes another card', async () => {
    const scene = await aLostAnswer();
    scene.world.gateway.answers = [{ kind: 'declined', declineCode: 'generic_decline' }];
    await scene.world.advance(1_000);
    expect(scene.session.status).toBe('declined');
    expect(await scene.agent.collects('card_number')).toMatchObject({ ok: true });
  });

  it('that the gateway has not heard of for half an hour was never made', async () => {
    const scene = await aLostAnswer();
    await scene.world.advance(30 * 60_000 - 1);
    expect(scene.session.status).toBe('unknown');
    await scene.world.advance(1);
    expect(scene.session).toMatchObject({
      status: 'failed',
      result: { failure_code: 'charge_not_received' },
    });
  });

  it('is asked for over a day, and then a person has to look', async () => {
    const scene = await aLostAnswer();
    scene.world.gateway.answers = Array.from(
      { length: 30 },
      () => ({ kind: 'unknown', code: 'query_failed' }) as const,
    );
    const hour = 60 * 60_000;
    await scene.world.advance(24 * hour - 1);
    expect(scene.story).not.toContain('payment.attention_needed');
    await scene.world.advance(1);
    expect(scene.world.gateway.queries).toHaveLength(19);
    expect(scene.session.status).toBe('unknown');
    expect(scene.last('payment.attention_needed').data).toMatchObject({ code: 'outcome_still_unknown' });
    expect(scene.world.logLines.filter((line) => line.includes('still unknown'))).toHaveLength(1);
    await scene.world.advance(48 * hour);
    expect(scene.world.gateway.queries).toHaveLength(19);
  });

  it('refuses a new attempt, a new card and a cancel meanwhile', async () => {
    const scene = await aLostAnswer();
    const refused = { ok: false, problem: { httpStatus: 409, code: 'outcome_unknown' } };
    expect(await scene.agent.confirms()).toMatchObject(refused);
    expect(await scene.agent.collects('card_number')).toMatchObject(refused);
    expect(await scene.agent.cancels()).toMatchObject(refused);
    expect(await scene.agent.restores()).toMatchObject({ ok: true, value: { status: 'unknown' } });
  });

  it('is what a gateway leaves that never answers', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    answerLater(scene);
    const confirming = scene.agent.confirms();
    await scene.world.settled();
    await scene.world.advance(20_000);
    expect(await confirming).toMatchObject({ ok: true, value: { status: 'unknown' } });
  });

  it('is what a gateway leaves that breaks its promise not to reject', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.charges = [() => Promise.reject(new Error('4242424242424242'))];
    expect(await scene.agent.confirms()).toMatchObject({ ok: true, value: { status: 'unknown' } });
    expect(scene.world.logLines.join()).not.toContain('4242424242424242');
  });

  it('never lets a late answer about one charge settle the next', async () => {
    const scene = await aLostAnswer();
    let late: (outcome: ChargeOutcome) => void = () => {};
    const slow = new Promise<ChargeOutcome>((resolve) => {
      late = resolve;
    });
    scene.world.gateway.answers = [slow, { kind: 'declined', declineCode: 'generic_decline' }];
    await scene.world.advance(1_000);
    await scene.world.service.recover();
    expect(scene.session.status).toBe('declined');
    for (const [field, keys] of [
      ['card_number', '5555555555554444'],
      ['expiry', '0131'],
      ['cvc', '999'],
    ] as const) {
      await scene.agent.collects(field);
      await scene.customer.press(keys);
    }
    const answer = answerLater(scene);
    const confirming = scene.agent.confirms();
    await scene.world.settled();
    late(approved);
    await scene.world.settled();
    expect(scene.session.status).toBe('processing');
    expect(scene.world.store.attempts().map(({ state }) => state)).toEqual(['declined', 'sending']);
    expect(scene.world.logLines.filter((line) => line.includes('refund it'))).toHaveLength(1);
    answer({ kind: 'declined', declineCode: 'generic_decline' });
    expect(await confirming).toMatchObject({ ok: true, value: { status: 'declined' } });
  });

  it('is found out when the answer could not be stored', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    scene.world.gateway.charges = [
      () => {
        scene.world.store.failures = 1;
        return approved;
      },
    ];
    expect(await scene.agent.confirms()).toMatchObject({
      ok: false,
      problem: { httpStatus: 503, code: 'outcome_not_stored' },
    });
    expect(scene.session.status).toBe('processing');
    scene.world.gateway.answers = [approved];
    await scene.world.advance(1_000);
    expect(scene.session.status).toBe('approved');
    expect(scene.world.gateway.requests).toHaveLength(1);
  });
});
