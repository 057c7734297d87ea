import { describe, expect, it } from '@jest/globals';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import { ANOTHER_CARD, aPaymentSession } from '../test-support/payment-session.ts';

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

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
    const answer = scene.world.gateway.answersLater();
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
    const answer = scene.world.gateway.answersLater();
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
    for (const [field, keys] of ANOTHER_CARD) {
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
      await scene.keyAnotherCard();
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
    const answer = scene.world.gateway.answersLater();
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
