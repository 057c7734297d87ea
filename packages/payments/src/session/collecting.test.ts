import { describe, expect, it } from '@jest/globals';
import { aPaymentSession, CALLER } from '../test-support/payment-session.ts';

describe('collecting a field', () => {
  it('captures brand and last four, and tells the agent nothing but a count on the way', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('4242 4242 4242 4242');
    expect(scene.field('card_number')).toMatchObject({ state: 'collecting', length: 16 });
    await scene.world.advance(2_000);
    expect(scene.field('card_number')).toMatchObject({
      state: 'captured',
      brand: 'visa',
      last4: '4242',
      code: null,
    });
    expect(scene.session.status).toBe('ready');
    expect(scene.events.filter(({ type }) => type === 'field.progress').map(({ data }) => data)).toEqual(
      Array.from({ length: 16 }, (_, at) => ({ field: 'card_number', length: at + 1 })),
    );
  });

  it('before the customer is here is refused, and says what to wait for', async () => {
    const scene = await aPaymentSession().build();
    await scene.call('engaging');
    const collected = await scene.agent.collects('card_number');
    expect(collected).toMatchObject({
      ok: false,
      problem: { httpStatus: 409, code: 'not_ready', retryable: true },
    });
    expect(!collected.ok && collected.problem.message).toContain('wait for session.ready');
    expect(!collected.ok && collected.problem.message).toContain('engaging');
  });

  it('in test mode takes no card that could be a real one', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.key('4012888888881881#');
    expect(scene.field('card_number')).toMatchObject({ state: 'rejected', last4: null });
    expect(scene.last('field.rejected').data.message).toMatch(/test/);
  });

  it('masks throughout while a field is open, and only then', async () => {
    const scene = await aPaymentSession().collecting('expiry').build();
    expect(scene.world.calls.collecting.get(scene.id)).toBe(true);
    await scene.customer.press('1230');
    expect(scene.world.calls.collecting.get(scene.id)).toBe(false);
  });

  it('of which the session has none is refused by name', async () => {
    const scene = await aPaymentSession().ready().build();
    expect(await scene.agent.collects('postal_code')).toMatchObject({
      ok: false,
      problem: { httpStatus: 400, code: 'unknown_field', param: 'field' },
    });
  });

  it('while another is open abandons that one and its digits', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('4242');
    await scene.agent.collects('expiry');
    await scene.customer.press('1230');
    expect(scene.field('card_number')).toMatchObject({ state: 'empty', length: 0 });
    expect(scene.field('expiry').state).toBe('captured');
  });

  it('again begins with nothing', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('9999');
    await scene.agent.collects('card_number');
    await scene.customer.press('5555 5555 5555 4444');
    expect(scene.field('card_number')).toMatchObject({ state: 'captured', brand: 'mastercard' });
  });

  it('in order makes the payment ready to confirm, once', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    expect(scene.session.status).toBe('ready_to_confirm');
    expect(scene.story).toEqual([
      'session.created',
      'session.engaged',
      'session.ready',
      'field.collecting',
      'field.captured',
      'field.collecting',
      'field.captured',
      'field.collecting',
      'field.captured',
      'session.ready_to_confirm',
    ]);
    expect(scene.events.map(({ seq }) => seq)).toEqual(scene.events.map((_, at) => at + 1));
    expect(scene.heard.map(({ id }) => id)).toEqual(scene.events.slice(1).map(({ id }) => id));
    expect(scene.session.last_event_seq).toBe(scene.events.length);
  });
});

describe('a rejected field', () => {
  it('names the reason, says what to do and may be tried again', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('5555 5555 5555 4445');
    expect(scene.session.status).toBe('ready');
    expect(scene.field('card_number')).toMatchObject({
      state: 'rejected',
      code: 'invalid_card_number',
      attempts: 1,
      last4: null,
    });
    expect(scene.last('field.rejected').data).toMatchObject({
      code: 'invalid_card_number',
      attempts_left: 2,
    });
    await scene.agent.collects('card_number');
    await scene.customer.press('5555 5555 5555 4444');
    expect(scene.field('card_number')).toMatchObject({ state: 'captured', code: null });
  });

  it('after three tries is closed for good', async () => {
    const scene = await aPaymentSession().collecting('expiry').build();
    await scene.customer.press('1330');
    for (let again = 0; again < 2; again += 1) {
      await scene.agent.collects('expiry');
      await scene.customer.press('1330');
    }
    expect(scene.field('expiry')).toMatchObject({
      state: 'rejected',
      code: 'too_many_attempts',
      attempts: 3,
    });
    expect(scene.last('field.rejected').data).toMatchObject({ reason: 'invalid_date', attempts_left: 0 });
    const again = { ok: false, problem: { httpStatus: 409, code: 'too_many_attempts' } };
    expect(await scene.agent.collects('expiry')).toMatchObject(again);
    expect(await scene.agent.clears('expiry', 1)).toMatchObject(again);
  });

  it('takes no real card in a test session, and says why', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.key('4012 8888 8888 1881');
    expect(scene.field('card_number')).toMatchObject({ state: 'rejected', code: 'invalid_card_number' });
    expect(scene.last('field.rejected').data.message).toContain('test card numbers');
  });

  it.each([
    ['the customer stops half-way', '4242 4', 10_000, 'timeout'],
    ['no key is heard', '', 30_000, 'no_tones_heard'],
  ])('ends by the clock when %s', async (_, keys, waitMs, code) => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press(keys);
    await scene.world.advance(waitMs - 1);
    expect(scene.field('card_number').state).toBe('collecting');
    await scene.world.advance(1);
    expect(scene.field('card_number')).toMatchObject({ state: 'rejected', code });
    expect(scene.session.status).toBe('ready');
  });

  it('is a field with a lost key, even if what is left looks right', async () => {
    const scene = await aPaymentSession().collecting('cvc').build();
    await scene.customer.press('1');
    scene.loseKey();
    await scene.customer.press('234');
    expect(scene.field('cvc')).toMatchObject({ state: 'rejected', code: 'invalid_security_code', length: 1 });
    expect(scene.events.filter(({ type }) => type === 'field.hint').map(({ data }) => data.code)).toEqual([
      'keys_lost',
      'no_field_open',
    ]);
  });

  it('is a security code that does not fit the card keyed after it', async () => {
    const scene = await aPaymentSession().collecting('cvc').build();
    await scene.customer.key('123');
    expect(scene.field('cvc').state).toBe('captured');
    await scene.agent.collects('expiry');
    await scene.customer.press('1230');
    await scene.agent.collects('card_number');
    await scene.customer.press('3782 822463 10005');
    expect(scene.field('cvc')).toMatchObject({ state: 'rejected', code: 'invalid_security_code' });
    expect(scene.session.status).toBe('ready');
    await scene.agent.collects('cvc');
    await scene.customer.press('1234');
    expect(scene.session.status).toBe('ready_to_confirm');
  });
});

describe('repairing digits', () => {
  it('takes back the last ones of an open field', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('5555 5555 5555 99');
    expect(await scene.agent.clears('card_number', 2)).toMatchObject({ ok: true });
    expect(scene.field('card_number')).toMatchObject({ state: 'collecting', length: 12 });
    await scene.customer.press('4444');
    expect(scene.field('card_number').state).toBe('captured');
  });

  it('opens a rejected field again with the digits that were right', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('5555 5555 5555 4445');
    await scene.agent.clears('card_number', 1);
    expect(scene.field('card_number')).toMatchObject({ state: 'collecting', length: 15, attempts: 1 });
    await scene.customer.press('4');
    expect(scene.field('card_number')).toMatchObject({ state: 'captured', last4: '4444' });
  });

  it('opens a captured field again, and the payment is not ready to confirm meanwhile', async () => {
    const scene = await aPaymentSession().readyToConfirm().build();
    await scene.agent.clears('cvc', 1);
    expect(scene.session.status).toBe('collecting');
    await scene.customer.press('9');
    expect(scene.session.status).toBe('ready_to_confirm');
  });

  it('without a number takes back all', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('4242');
    await scene.agent.clears('card_number');
    expect(scene.field('card_number').length).toBe(0);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses to take back %s digits', async (last) => {
    const scene = await aPaymentSession().collecting('card_number').build();
    await scene.customer.press('4242');
    expect(await scene.agent.clears('card_number', last)).toMatchObject({
      ok: false,
      problem: { httpStatus: 400, param: 'last' },
    });
  });

  it('has nothing to do on an empty field', async () => {
    const scene = await aPaymentSession().collecting('card_number').build();
    expect(await scene.agent.clears('card_number', 4)).toMatchObject({
      ok: false,
      problem: { httpStatus: 409, code: 'nothing_to_clear' },
    });
  });
});

describe('the agent of another tenant', () => {
  it.each([
    ['another tenant', { tenant: 'ten_b', livemode: false }],
    ['another mode', { tenant: 'ten_a', livemode: true }],
  ])('%s finds nothing', async (_, stranger) => {
    const { world, id } = await aPaymentSession().ready().build();
    const nothing = { ok: false, problem: { httpStatus: 404, code: 'no_such_session' } };
    const { service } = world;
    expect(service.read(stranger, id)).toMatchObject(nothing);
    expect(await service.collect(stranger, id, 'cvc')).toMatchObject(nothing);
    expect(await service.clear(stranger, id, 'cvc', 1)).toMatchObject(nothing);
    expect(await service.confirm(stranger, id)).toMatchObject(nothing);
    expect(await service.cancel(stranger, id)).toMatchObject(nothing);
    expect(await service.restore(stranger, id)).toMatchObject(nothing);
    expect(await service.legs(stranger, id)).toMatchObject(nothing);
    expect(service.events(stranger, id, 0, 10)).toMatchObject(nothing);
    expect(service.list(stranger, { limit: 10 }).data).toEqual([]);
    expect(service.list(CALLER, { limit: 10 }).data).toHaveLength(1);
  });
});
